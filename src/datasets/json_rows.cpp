#include "datasets/json_rows.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <unordered_map>

namespace cauce::datasets {

namespace {

using Json = nlohmann::json;

struct Element {
  std::uint64_t number = 0;  // line or row
  std::string_view text;     // valid until the next one
};

// Cuts a text into its objects by braces and quotes alone.
class JsonElements {
 public:
  JsonElements(std::unique_ptr<ByteSource> source, bool is_array, const JsonLimits& limits)
      : source_(std::move(source)), is_array_(is_array), limits_(limits) {}

  // False at the end.
  Result<bool> next(Element& element) {
    text_.clear();
    depth_ = 0;
    for (;;) {
      if (at_ == piece_.size()) {
        const Result<bool> more = read_piece();
        if (!more) return more.error();
        if (!*more) return end();
      }
      const char letter = piece_[at_++];
      const Result<bool> complete = take(letter);
      if (!complete) return complete.error();
      if (*complete) return finish(element);
    }
  }

  // About the element given out last, or what should have been one.
  Error wrong(std::string_view what) const {
    return {Outcome::invalid, fmt::format("{} {} {}", is_array_ ? "row" : "line", place(), what)};
  }

 private:
  Result<bool> read_piece() {
    piece_.resize(64u << 10);
    at_ = 0;
    const Result<std::size_t> bytes = source_->read(piece_.data(), piece_.size());
    if (!bytes) return bytes.error();
    piece_.resize(*bytes);
    return *bytes > 0;
  }

  // True when the letter closes an object.
  Result<bool> take(char letter) {
    if (letter == '\n') ++line_;
    if (depth_ == 0) return take_between(letter);
    text_ += letter;
    if (text_.size() > limits_.row_bytes_max) {
      return wrong(
          fmt::format("is longer than {} bytes, the limit of a row", limits_.row_bytes_max));
    }
    if (inside_) {
      if (escaped_) {
        escaped_ = false;
      } else if (letter == '\\') {
        escaped_ = true;
      } else if (letter == '"') {
        inside_ = false;
      }
      return false;
    }
    if (letter == '"') inside_ = true;
    if (letter == '{' || letter == '[') ++depth_;
    if (depth_ > limits_.depth_max) {
      return wrong(
          fmt::format("nests objects and arrays deeper than {}, the limit", limits_.depth_max));
    }
    if (letter == '}' || letter == ']') --depth_;
    return depth_ == 0;
  }

  Result<bool> take_between(char letter) {
    if (letter == ' ' || letter == '\t' || letter == '\r' || letter == '\n') return false;
    if (is_array_ && !closed_ && letter == '[' && !opened_) {
      opened_ = true;
      return false;
    }
    if (is_array_ && letter == ',' && comma_allowed_) {
      comma_allowed_ = false;
      comma_open_ = true;
      return false;
    }
    if (is_array_ && letter == ']' && opened_ && !closed_ && !comma_open_) {
      closed_ = true;
      return false;
    }
    ++rows_;
    const bool in_its_place = !is_array_ || (opened_ && !closed_ && !comma_allowed_);
    if (letter != '{' || !in_its_place) return wrong("does not begin with {, as an object does");
    if (!is_array_ && line_ == last_line_)
      return wrong("holds a second object; JSON Lines hold one");
    last_line_ = line_;
    comma_open_ = false;
    depth_ = 1;
    text_ = letter;
    return false;
  }

  Result<bool> finish(Element& element) {
    comma_allowed_ = is_array_;
    if (!is_array_ && line_ != last_line_) {
      return wrong("ends an object that began earlier; JSON Lines hold one object a line");
    }
    element = {place(), text_};
    return true;
  }

  Result<bool> end() {
    if (depth_ > 0 || (is_array_ && !closed_)) {
      return Error{Outcome::invalid, "the JSON is cut off: its end is missing"};
    }
    return false;
  }

  std::uint64_t place() const { return is_array_ ? rows_ : line_; }

  const std::unique_ptr<ByteSource> source_;
  const bool is_array_;
  const JsonLimits limits_;
  std::string piece_;
  std::size_t at_ = 0;
  std::string text_;  // of the object that is open
  std::size_t depth_ = 0;
  bool inside_ = false;  // of a string
  bool escaped_ = false;
  bool opened_ = false;  // the array
  bool closed_ = false;
  bool comma_allowed_ = false;
  bool comma_open_ = false;  // an object must follow
  std::uint64_t line_ = 1;
  std::uint64_t last_line_ = 0;  // where the last object began
  std::uint64_t rows_ = 0;
};

// The columns, and which one a key is.
struct Keys {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> columns;
};

// Hears an object being parsed and notes its own keys, in their order.
class KeyListener final : public nlohmann::json_sax<Json> {
 public:
  explicit KeyListener(Keys& keys) : keys_(keys) {}

  bool key(std::string& name) override {
    if (depth_ == 1 && keys_.columns.emplace(name, keys_.names.size()).second) {
      keys_.names.push_back(name);
    }
    return true;
  }
  bool start_object(std::size_t) override { return ++depth_ > 0; }
  bool end_object() override { return depth_-- > 0; }
  bool start_array(std::size_t) override { return ++depth_ > 0; }
  bool end_array() override { return depth_-- > 0; }
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(Json::binary_t&) override { return true; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  Keys& keys_;
  std::size_t depth_ = 0;
};

std::optional<std::string> text_of(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class JsonTextRows final : public TextRows {
 public:
  JsonTextRows(std::unique_ptr<JsonElements> elements, std::shared_ptr<const Keys> keys)
      : elements_(std::move(elements)), keys_(std::move(keys)) {}

  Result<bool> next(TextRow& row) override {
    if (!header_given_) {
      header_given_ = true;
      row.number = 0;
      row.cells.assign(keys_->names.begin(), keys_->names.end());
      return true;
    }
    row.cells.assign(keys_->names.size(), std::nullopt);
    Element element;
    const Result<bool> more = elements_->next(element);
    if (!more || !*more) return more;
    row.number = element.number;
    const Json object = Json::parse(element.text, nullptr, false);
    if (object.is_discarded()) return elements_->wrong("is not JSON");
    for (const auto& [key, value] : object.items()) {
      const auto column = keys_->columns.find(key);
      if (column != keys_->columns.end()) row.cells[column->second] = text_of(value);
    }
    return true;
  }

 private:
  const std::unique_ptr<JsonElements> elements_;
  const std::shared_ptr<const Keys> keys_;
  bool header_given_ = false;
};

Result<std::shared_ptr<const Keys>> find_keys(JsonElements& elements, const JsonLimits& limits) {
  auto keys = std::make_shared<Keys>();
  Element element;
  for (;;) {
    const Result<bool> more = elements.next(element);
    if (!more) return more.error();
    if (!*more) break;
    KeyListener listener{*keys};
    if (!Json::sax_parse(element.text, &listener)) return elements.wrong("is not JSON");
    if (keys->names.size() > limits.columns_max) {
      return Error{Outcome::invalid,
                   fmt::format("the objects have more than {} different keys, the limit of columns",
                               limits.columns_max)};
    }
  }
  if (keys->names.empty()) return Error{Outcome::invalid, "file is empty"};
  return std::shared_ptr<const Keys>(std::move(keys));
}

}  // namespace

Result<std::unique_ptr<FileTable>> open_json(const OpenSource& open, bool is_array,
                                             const csv::CsvOptions& options, Report* failure,
                                             const JsonLimits& limits) {
  const auto open_elements = [open, is_array, limits]() -> Result<std::unique_ptr<JsonElements>> {
    Result<std::unique_ptr<ByteSource>> source = open();
    if (!source) return source.error();
    return std::make_unique<JsonElements>(std::move(*source), is_array, limits);
  };
  const Result<std::unique_ptr<JsonElements>> first = open_elements();
  if (!first) return first.error();
  const Result<std::shared_ptr<const Keys>> keys = find_keys(**first, limits);
  if (!keys) return keys.error();
  const auto open_rows = [open_elements, keys = *keys]() -> Result<std::unique_ptr<TextRows>> {
    Result<std::unique_ptr<JsonElements>> elements = open_elements();
    if (!elements) return elements.error();
    return std::unique_ptr<TextRows>(std::make_unique<JsonTextRows>(std::move(*elements), keys));
  };
  return open_text_rows(open_rows, options,
                        {.format = is_array ? "JSON" : "JSON Lines",
                         .place = is_array ? "row" : "line",
                         .header_number = 0,
                         .texts = {}},
                        failure);
}

}  // namespace cauce::datasets
