#include "datasets/refusals.h"

#include <array>

#include "base/phrases.h"

namespace cauce::datasets {
namespace {

constexpr std::array sentences{
    // cells that are not what their column is
    Phrase{"{place} {}, column {}: \"{}\" is not {type}, as the rest of the column is; mark it as "
           "missing, or read the column as text",
           "{place} {}, columna {}: «{}» no es {type}, como el resto de la columna; márquelo como "
           "ausente, o lea la columna como texto"},
    Phrase{"{place} {}, column {}: \"{}\" is not {type}, as the rest of the column is; it is the "
           "first of {} such cells: mark them as missing, or read the column as text",
           "{place} {}, columna {}: «{}» no es {type}, como el resto de la columna; es la primera "
           "de {} celdas así: márquelas como ausentes, o lea la columna como texto"},
    // rows and their fields
    Phrase{"row {} (line {}) has {} field, expected {}",
           "la fila {} (línea {}) tiene {} campo; se esperaban {}"},
    Phrase{"row {} (line {}) has {} fields, expected {}",
           "la fila {} (línea {}) tiene {} campos; se esperaban {}"},
    Phrase{"the row on line {} is longer than {} bytes, the limit of a row",
           "la fila de la línea {} ocupa más de {} bytes, el límite de una fila"},
    Phrase{"the cell in column {} that begins on line {} is longer than {} bytes, the limit of a "
           "cell",
           "la celda de la columna {} que empieza en la línea {} ocupa más de {} bytes, el límite "
           "de una celda"},
    Phrase{"the header on line {} has more than {} columns, the limit",
           "la cabecera de la línea {} tiene más de {} columnas, el límite"},
    Phrase{"the name of column {} has {} bytes, the limit is {}; is the first row a header?",
           "el nombre de la columna {} ocupa {} bytes, el límite es {}; ¿es la primera fila una "
           "cabecera?"},
    // quotes
    Phrase{"the quote opened on line {} is closed on line {}, but the field goes on behind it; a "
           "quote inside quotes is doubled",
           "las comillas abiertas en la línea {} se cierran en la línea {}, pero el campo sigue "
           "detrás; unas comillas entre comillas se escriben dobles"},
    Phrase{"quote opened on line {} is never closed",
           "las comillas abiertas en la línea {} no se cierran nunca"},
    Phrase{"the quote opened on line {} is still open after {} bytes, the limit of a cell",
           "las comillas abiertas en la línea {} siguen abiertas tras {} bytes, el límite de una "
           "celda"},
    // bytes
    Phrase{"line {} holds a NUL byte; this is not a text file, or it is damaged",
           "la línea {} contiene un byte NUL; no es un archivo de texto, o está dañado"},
    Phrase{"line {} holds the byte {}, which is not UTF-8, though text before it is; save the file "
           "as UTF-8",
           "la línea {} contiene el byte {}, que no es UTF-8, aunque el texto anterior lo es; "
           "guarde el archivo como UTF-8"},
    Phrase{"file is empty", "el archivo está vacío"},
    // JSON
    Phrase{"{place} {} is not JSON", "{place} {}: no es JSON"},
    Phrase{"{place} {} does not begin with {, as an object does",
           "{place} {}: no empieza con una llave, como un objeto"},
    Phrase{"line {} holds a second object; JSON Lines hold one",
           "la línea {} contiene un segundo objeto; en JSON Lines hay uno por línea"},
    Phrase{"line {} ends an object that began earlier; JSON Lines hold one object a line",
           "la línea {} acaba un objeto que empezó antes; en JSON Lines hay uno por línea"},
    Phrase{"{place} {} is longer than {} bytes, the limit of a row",
           "{place} {}: ocupa más de {} bytes, el límite de una fila"},
    Phrase{"{place} {} nests objects and arrays deeper than {}, the limit",
           "{place} {}: hay más de {} niveles de objetos y listas, el límite"},
    Phrase{"the JSON is cut off: its end is missing", "el JSON está cortado: falta su final"},
    Phrase{"the objects have more than {} different keys, the limit of columns",
           "los objetos tienen más de {} claves distintas, el límite de columnas"},
    // packed files and workbooks
    Phrase{"the compressed file is cut off: its end is missing",
           "el archivo comprimido está cortado: falta su final"},
    Phrase{"the compressed file holds more than {} bytes, the limit",
           "el archivo comprimido contiene más de {} bytes, el límite"},
    Phrase{"the compressed file becomes more than {} times larger, the limit; unpack it first if "
           "that is meant",
           "el archivo comprimido crece más de {} veces, el límite; descomprímalo antes si es lo "
           "que se quiere"},
    Phrase{"the compressed file is damaged{}", "el archivo comprimido está dañado"},
    Phrase{"the workbook has no sheet", "el libro no tiene ninguna hoja"},
    Phrase{"the workbook's part {} cannot be read: {}; is this an XLSX file?",
           "la parte {} del libro no se puede leer; ¿es un archivo XLSX?"},
    Phrase{"the sheet is damaged: {}", "la hoja está dañada"},
};

constexpr std::array places{Phrase{"line", "línea"}, Phrase{"row", "fila"}};
constexpr std::array types{Phrase{"a number", "un número"}, Phrase{"a date", "una fecha"},
                           Phrase{"a date with a time", "una fecha con hora"},
                           Phrase{"true or false", "verdadero o falso"}, Phrase{"text", "texto"}};

std::optional<std::string> filled(std::string_view gap, std::string_view text) {
  if (gap == "place") return said_by(places, text, filled);
  if (gap == "type") return said_by(types, text, filled);
  return std::string(text);
}

}  // namespace

std::optional<std::string> refusal_in_spanish(std::string_view refusal) {
  return said_by(sentences, refusal, filled);
}

}  // namespace cauce::datasets
