// The JSON object of a request, read strictly: a member that nobody asked for, a wrong type, a
// missing or a repeated member is a fault. Like ByteReader, it never fails in between: read all,
// then ask fault() once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::api {

class Body {
 public:
  static constexpr int depth_max = 16;

  explicit Body(BytesView text);
  Body(Body&& other) noexcept;
  ~Body();

  std::string text(std::string_view name);  // must be there
  std::string text_or(std::string_view name, std::string fallback);
  std::optional<std::string> optional_text(std::string_view name);
  std::optional<bool> optional_boolean(std::string_view name);
  // Finite. `number` must be there.
  double number(std::string_view name);
  double number_or(std::string_view name, double fallback);
  // An integer of 0 … 2^32 - 1.
  std::uint32_t count_or(std::string_view name, std::uint32_t fallback);
  // An integer of 1 … most replaces the value, null takes it away; without it, it stays.
  void change_count(std::string_view name, std::optional<std::uint64_t>& value, std::uint64_t most);
  // An object; give its fault() back to take(). Neither: it is not there, or null.
  std::optional<Body> optional_object(std::string_view name);
  bool is_null(std::string_view name);
  // An array of objects; empty when it is not there. Give each one's fault() back to take().
  std::vector<Body> objects(std::string_view name, std::size_t objects_max);
  // The members of an object whose values are strings, numbers or true and false, as text; of an
  // array of such values one for each. Empty when it is not there.
  std::vector<std::pair<std::string, std::string>> settings(std::string_view name,
                                                            std::size_t settings_max);
  // A string as it is, anything else as compact JSON; must be there. `is_json`: which it was.
  std::string payload(std::string_view name, bool& is_json);

  // Records a fault that was found elsewhere, if it is the first.
  void take(const std::optional<Error>& fault);

  // The first fault, `invalid` and naming the member, if there is any.
  std::optional<Error> fault();

 private:
  struct State;
  explicit Body(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cauce::api
