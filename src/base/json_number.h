// Whole numbers out of JSON that this program wrote and reads again: notes, manifests, backups.
// They are parsed by nlohmann/json, whose `get<int>()` converts whatever number it finds; what a
// fraction beyond the type becomes is undefined. These refuse it.
#pragma once

#include <concepts>
#include <string>
#include <utility>

namespace cauce {

// `json` as a T. Throws what nlohmann/json throws (`Json::exception`): type_error for what is no
// whole number, a fraction or a number of more than 64 bits among them; out_of_range for one that
// T cannot hold.
template <std::integral T, typename Json>
T whole(const Json& json) {
  // By reference: this is the access that does not convert.
  if (json.is_number_unsigned()) {
    const auto& number = json.template get_ref<const typename Json::number_unsigned_t&>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  } else {
    const auto& number = json.template get_ref<const typename Json::number_integer_t&>();
    if (std::in_range<T>(number)) return static_cast<T>(number);
  }
  constexpr int number_overflow = 406;
  throw Json::out_of_range::create(number_overflow, json.dump() + " is out of range", &json);
}

// The member `name` of an object, which must be there, as above.
template <std::integral T, typename Json>
T whole(const Json& object, const char* name) {
  return whole<T>(object.at(name));
}

}  // namespace cauce
