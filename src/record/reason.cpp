#include "record/reason.h"

#include <array>
#include <optional>

#include "base/phrases.h"

namespace cauce::record {
namespace {

// {what} is one of `faults`, {json} one of `json_faults`, {keys} one of `keys_on_record`.
constexpr std::array sentences{
    // stage identify
    Phrase{"company {} has no device {}", "la empresa {} no tiene el dispositivo {}"},
    Phrase{"device {} is of type {}, which company {} does not have",
           "el dispositivo {} es del tipo {}, que la empresa {} no tiene"},
    // stage decrypt
    Phrase{"the tag does not match: wrong key, or company, device or topic differ",
           "la etiqueta no coincide: clave equivocada, o empresa, dispositivo o tema distintos"},
    Phrase{"plaintext from a device whose type says aes256gcm",
           "texto sin cifrar de un dispositivo cuyo tipo dice aes256gcm"},
    Phrase{"key {} sent, {keys} on record", "clave {} enviada, {}"},
    Phrase{"key {} on record has {} bytes, not {}: give the device a new one",
           "la clave {} registrada tiene {} bytes, no {}: dé al dispositivo una nueva"},
    Phrase{
        "an encrypted payload of {} bytes is too short: version, key id, nonce and tag alone "
        "are {} bytes",
        "un mensaje cifrado de {} bytes es demasiado corto: solo versión, número de clave, nonce "
        "y etiqueta son {} bytes"},
    Phrase{"the payload begins with {}, not with {}, the only version of the compact encrypted "
           "form; is it encrypted at all?",
           "el contenido empieza por {}, no por {}, la única versión de la forma cifrada compacta; "
           "¿está cifrado?"},
    // stage parse, JSON
    Phrase{"the payload has {} bytes, at most {} are allowed",
           "el contenido tiene {} bytes; se permiten {} como máximo"},
    Phrase{"the payload is not JSON near byte {} of {}: {json}",
           "el contenido no es JSON cerca del byte {} de {}: {}"},
    Phrase{"the payload is not JSON: {json}", "el contenido no es JSON: {}"},
    Phrase{"the payload is a single value; send an object such as {}",
           "el contenido es un valor suelto; envíe un objeto como {}"},
    Phrase{"element {} of the array is not an object",
           "el elemento {} de la lista no es un objeto"},
    Phrase{"more than {} members in one message: send it in parts",
           "más de {} miembros en un mensaje: envíelo por partes"},
    Phrase{"object {}, member {}: {what}", "objeto {}, miembro {}: {}"},
    Phrase{"member {}: {what}", "miembro {}: {}"},
    // stage parse, SenML
    Phrase{"a SenML pack is an array of at least one record; send {}",
           "un paquete SenML es una lista de al menos un registro; envíe {}"},
    Phrase{"more than {} records in one pack: send it in parts",
           "más de {} registros en un paquete: envíelo por partes"},
    Phrase{"record {}, field {}: {what}", "registro {}, campo {}: {}"},
    Phrase{"record {}: {what}", "registro {}: {}"},
};

constexpr std::array faults{
    // of a member, a field or a record
    Phrase{"it stands there twice", "está dos veces"},
    Phrase{"its name has {} bytes, at most {} are allowed",
           "su nombre tiene {} bytes; se permiten {} como máximo"},
    Phrase{"its name does not begin with a letter or a digit, or holds something other than {}",
           "su nombre no empieza por letra o cifra, o contiene algo distinto de {}"},
    Phrase{"its text has {} bytes, at most {} are allowed",
           "su texto tiene {} bytes; se permiten {} como máximo"},
    Phrase{"its unit has {} bytes, at most {} are allowed",
           "su unidad tiene {} bytes; se permiten {} como máximo"},
    Phrase{"it has {} bytes, at most {} are allowed", "tiene {} bytes; se permiten {} como máximo"},
    Phrase{"an array is not a value; send one object for each point in time",
           "una lista no es un valor; envíe un objeto por cada instante"},
    Phrase{"objects inside objects, deeper than {}",
           "objetos dentro de objetos, a más de {} niveles"},
    Phrase{"{} is not a number that a double holds", "{} no es un número que quepa en un double"},
    Phrase{"{} stands before it; one time is enough", "antes está {}; basta con una hora"},
    Phrase{"a time is text or a number", "una hora es un texto o un número"},
    Phrase{"{} is not a time from 1970 to 2099; write {}, or seconds, milliseconds or microseconds "
           "since 1970",
           "{} no es una hora de 1970 a 2099; escriba {}, o segundos, milisegundos o microsegundos "
           "desde 1970"},
    // of a SenML record or field
    Phrase{"it is not an object", "no es un objeto"},
    Phrase{"it is not true or false", "no es verdadero ni falso"},
    Phrase{"it is not a text", "no es un texto"},
    Phrase{"it is not a number", "no es un número"},
    Phrase{"it is not URL-safe base64 without padding", "no es base64 para URL sin relleno"},
    Phrase{"the field {} has to be understood (it ends in {}) and is not known here",
           "el campo {} hay que entenderlo (acaba en {}) y aquí no se conoce"},
    Phrase{"a version is a positive whole number", "una versión es un número entero positivo"},
    Phrase{"version {} is not known here; up to {} is",
           "la versión {} no se conoce aquí; hasta la {}, sí"},
    Phrase{"version {} after version {}", "versión {} después de la versión {}"},
    Phrase{"it has neither a name nor a base name before it",
           "no tiene nombre ni hay antes un nombre base"},
    Phrase{"the name {} holds something other than {}",
           "el nombre {} contiene algo distinto de {}"},
    Phrase{"the metric {} of the name has {} bytes, at most {} are allowed",
           "la métrica {} del nombre tiene {} bytes; se permiten {} como máximo"},
    Phrase{"the metric {} of the name does not begin with a letter or a digit",
           "la métrica {} del nombre no empieza por letra o cifra"},
    Phrase{"the metric {} of the sum has {} bytes, at most {} are allowed",
           "la métrica {} de la suma tiene {} bytes; se permiten {} como máximo"},
    Phrase{"its time {} s is not one from 1970 to 2099; below {} it counts from now",
           "su hora, {} s, no es una de 1970 a 2099; por debajo de {} se cuenta desde ahora"},
    Phrase{"{} is in {} here and in {} before; give each its own name",
           "{} está aquí en {} y antes en {}; dé a cada una su nombre"},
    Phrase{"it has more than one of \"v\", \"vs\", \"vb\" and \"vd\"",
           "tiene más de uno de \"v\", \"vs\", \"vb\" y \"vd\""},
    Phrase{"it has no value: one of \"v\", \"vs\", \"vb\", \"vd\" or \"s\" is needed",
           "no tiene valor: hace falta uno de \"v\", \"vs\", \"vb\", \"vd\" o \"s\""},
    Phrase{"with its base it is more than a double holds",
           "con su base es más de lo que cabe en un double"},
};

constexpr std::array json_faults{
    Phrase{"there is nothing in it", "no hay nada dentro"},
    Phrase{"it is not UTF-8", "no es UTF-8"},
    Phrase{"a control character stands inside a string",
           "hay un carácter de control dentro de una cadena"},
    Phrase{"a string has no end", "una cadena no tiene fin"},
    Phrase{"a string has an escape that does not exist",
           "una cadena tiene un escape que no existe"},
    Phrase{"its end is no closing bracket", "no termina con un corchete o una llave de cierre"},
    Phrase{"something follows after its end", "sigue algo después de su final"},
    Phrase{"a number is malformed or more than a double holds",
           "un número está mal escrito o no cabe en un double"},
    Phrase{"values stand too deep inside one another", "los valores están demasiado anidados"},
    Phrase{"commas, colons, brackets or a literal are wrong",
           "hay comas, dos puntos, corchetes o un literal mal puestos"},
};

// More than eight are counted, others are not named with a number.
constexpr std::array keys_on_record{
    Phrase{"no key", "ninguna clave registrada"},
    Phrase{"key {}", "clave {} registrada"},
    Phrase{"keys {} and {} more", "claves {} y {} más registradas"},
    Phrase{"keys {}", "claves {} registradas"},
};

std::optional<std::string> filled(std::string_view gap, std::string_view text) {
  if (gap == "what") return said_by(faults, text, filled);
  if (gap == "json") return said_by(json_faults, text, filled);
  if (gap == "keys") return said_by(keys_on_record, text, filled);
  return std::string(text);
}

}  // namespace

std::optional<std::string> reason_in_spanish(std::string_view reason) {
  return said_by(sentences, reason, filled);
}

}  // namespace cauce::record
