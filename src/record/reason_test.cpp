#include "record/reason.h"

#include <doctest/doctest.h>

namespace cauce::record {

// That each reason there is has its words in Spanish is looked at where it is given: decode.
TEST_CASE("reasons are said in Spanish, with what was sent") {
  CHECK(*reason_in_spanish("key 7 sent, key 3 on record") == "clave 7 enviada, clave 3 registrada");
  CHECK(*reason_in_spanish("key 7 sent, no key on record") ==
        "clave 7 enviada, ninguna clave registrada");
  CHECK(*reason_in_spanish("key 7 sent, keys 3, 4 on record") ==
        "clave 7 enviada, claves 3, 4 registradas");
  CHECK(*reason_in_spanish("key 7 sent, keys 1, 2 and 5 more on record") ==
        "clave 7 enviada, claves 1, 2 y 5 más registradas");
  CHECK(*reason_in_spanish("plaintext from a device whose type says aes256gcm") ==
        "texto sin cifrar de un dispositivo cuyo tipo dice aes256gcm");
  CHECK(
      *reason_in_spanish("object 2, member \"t\": \"1e999\" is not a number that a double holds") ==
      "objeto 2, miembro \"t\": \"1e999\" no es un número que quepa en un double");
  CHECK(*reason_in_spanish("record 3, field \"n\": it stands there twice") ==
        "registro 3, campo \"n\": está dos veces");
  CHECK(*reason_in_spanish("the payload is not JSON near byte 9 of 9: a string has no end") ==
        "el contenido no es JSON cerca del byte 9 de 9: una cadena no tiene fin");
}

TEST_CASE("what is no reason has no words") {
  for (const char* reason : {"key 7 sent,  on record", "key 7 sent on record", "not JSON", "",
                             "member \"t\": it is a secret", "the payload is not JSON: "}) {
    CAPTURE(reason);
    CHECK_FALSE(reason_in_spanish(reason));
  }
}

}  // namespace cauce::record
