#include "record/reason.h"

#include <doctest/doctest.h>

namespace cauce::record {

TEST_CASE("reasons that operators meet most are said in Spanish") {
  CHECK(reason_in_spanish("key 7 sent, key 3 on record") == "clave 7 enviada, clave 3 registrada");
  CHECK(reason_in_spanish("key 7 sent, no key on record") ==
        "clave 7 enviada, ninguna clave registrada");
  CHECK(reason_in_spanish("key 7 sent, keys 1, 2 and 5 more on record") ==
        "clave 7 enviada, claves 1, 2 y 5 más registradas");
  CHECK(reason_in_spanish("plaintext from a device whose type says aes256gcm") ==
        "texto sin cifrar de un dispositivo cuyo tipo dice aes256gcm");
}

TEST_CASE("a reason that has no translation stays as it is") {
  for (const char* reason : {"key 7 sent,  on record", "key 7 sent on record", "not JSON", ""}) {
    CHECK(reason_in_spanish(reason) == reason);
  }
}

}  // namespace cauce::record
