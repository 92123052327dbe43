// JSON (RFC 8259) that is to be written. Nothing here reads: what comes from outside is parsed by
// nlohmann/json in the few files that read, because including it makes a file slow to compile.
#pragma once

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace cauce {

// `text` as a JSON string with its quotes; what is no UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

// A value, kept as the text it is written as, without blanks. Members and elements stand in the
// order in which they came. Null unless it is made of something.
//
//   Json device = {{"name", "freezer-7"}, {"limit", 21.5}};
//   device.set("silent", true);                   {"name":"freezer-7","limit":21.5,"silent":true}
class Json {
 public:
  Json() : text_("null") {}
  Json(bool truth) : text_(truth ? "true" : "false") {}
  Json(std::integral auto number) : text_(std::to_string(number)) {}
  // The shortest digits that give the same number again; null when it is infinite or not a number.
  Json(double number);
  Json(std::string_view text) : text_(json_string(text)) {}
  Json(const std::string& text) : text_(json_string(text)) {}
  Json(const char* text) : text_(json_string(text)) {}
  // An object. No name may stand there twice, here and below.
  Json(std::initializer_list<std::pair<std::string_view, Json>> members);

  static Json array();
  static Json object();
  // `text` must be JSON.
  static Json written(std::string text);

  void set(std::string_view name, const Json& value);  // of an object
  void add_members(const Json& object);                // of an object
  void push_back(const Json& element);                 // of an array

  // Of an array or object: has none. False of everything else.
  bool empty() const { return text_ == "[]" || text_ == "{}"; }
  const std::string& text() const { return text_; }

 private:
  void append(std::string_view part);

  std::string text_;
};

}  // namespace cauce
