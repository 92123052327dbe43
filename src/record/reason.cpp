#include "record/reason.h"

#include <fmt/core.h>

#include <utility>

namespace cauce::record {
namespace {

// "key 3" is "clave 3 registrada", "keys 3, 4 and 2 more" is "claves 3, 4 y 2 más registradas".
std::string keys_on_record_in_spanish(std::string_view keys) {
  if (keys == "no key") return "ninguna clave registrada";
  constexpr std::string_view one = "key ";
  if (keys.starts_with(one)) return fmt::format("clave {} registrada", keys.substr(one.size()));
  std::string text{keys};
  for (const auto& [english, spanish] :
       {std::pair{"keys ", "claves "}, std::pair{" and ", " y "}, std::pair{" more", " más"}}) {
    const std::size_t at = text.find(english);
    if (at != std::string::npos) text.replace(at, std::string_view{english}.size(), spanish);
  }
  return text + " registradas";
}

}  // namespace

std::string reason_in_spanish(std::string_view reason) {
  if (reason == "the tag does not match: wrong key, or company, device or topic differ") {
    return "la etiqueta no coincide: clave equivocada, o empresa, dispositivo o tema distintos";
  }
  if (reason == "plaintext from a device whose type says aes256gcm") {
    return "texto sin cifrar de un dispositivo cuyo tipo dice aes256gcm";
  }
  constexpr std::string_view key = "key ";
  constexpr std::string_view sent = " sent, ";
  constexpr std::string_view recorded = " on record";
  const std::size_t middle = reason.find(sent);
  if (!reason.starts_with(key) || !reason.ends_with(recorded) || middle == std::string_view::npos ||
      middle + sent.size() + recorded.size() >= reason.size()) {
    return std::string(reason);
  }
  std::string_view ours = reason.substr(middle + sent.size());
  ours.remove_suffix(recorded.size());
  return fmt::format("clave {} enviada, {}", reason.substr(key.size(), middle - key.size()),
                     keys_on_record_in_spanish(ours));
}

}  // namespace cauce::record
