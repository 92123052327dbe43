#include "decode/formats/json.h"

#include <fmt/core.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/names.h"
#include "decode/quote.h"

namespace cauce::decode {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr double seconds_end = double(to_microseconds(time_max)) / 1e6;

Error invalid(std::string message) {
  return {Outcome::invalid, std::move(message)};
}

bool is_time_member(std::string_view name) {
  return name == "time" || name == "ts";
}

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::string_view words_for(error_code code) {
  switch (code) {
    case simdjson::EMPTY: return "there is nothing in it";
    case simdjson::UTF8_ERROR: return "it is not UTF-8";
    case simdjson::UNESCAPED_CHARS: return "a control character stands inside a string";
    case simdjson::UNCLOSED_STRING: return "a string has no end";
    case simdjson::STRING_ERROR: return "a string has an escape that does not exist";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "its end is no closing bracket";
    case simdjson::TRAILING_CONTENT: return "something follows after its end";
    default: return "commas, colons, brackets or a literal are wrong";
  }
}

// One pass over one payload.
class Walk {
 public:
  Walk(const JsonLimits& limits, BytesView text, ondemand::document& document, Time received_at)
      : limits_(limits), text_(text), document_(document), received_at_(received_at) {}

  Result<std::vector<Measurement>> run();

 private:
  Result<void> read_array(ondemand::array array);
  Result<void> read_element(ondemand::object object);
  Result<void> read_members(ondemand::object object, std::size_t depth);
  Result<void> read_member(ondemand::field& field, std::size_t depth);
  Result<void> read_value(ondemand::value value, std::size_t depth);
  Result<void> read_number(ondemand::value value);
  Result<void> read_text(ondemand::value value);
  Result<void> read_time(std::string_view name, ondemand::value value);
  Result<void> check_names_differ();

  void add(record::Value value) {
    measurements_.push_back({path_, received_at_, std::move(value)});
  }

  Error malformed(error_code code) const;
  // A sentence about the member at path_.
  Error refuse(std::string_view what) const;
  Error refuse_member(std::string_view name, std::string_view what) const;

  const JsonLimits& limits_;
  BytesView text_;
  ondemand::document& document_;
  Time received_at_;

  std::vector<Measurement> measurements_;
  std::size_t members_ = 0;
  std::optional<std::size_t> element_;  // counted from 1, when the payload is an array
  // Of the element being read.
  std::vector<std::string> names_;
  std::string path_;
  std::optional<Time> time_;
  std::string time_name_;
};

Error Walk::malformed(error_code code) const {
  const auto location = document_.current_location();
  std::size_t offset = text_.size();
  // What is wrong with the end is found at the beginning.
  const bool is_of_end = code == simdjson::INCOMPLETE_ARRAY_OR_OBJECT;
  if (!is_of_end && location.error() == simdjson::SUCCESS) {
    offset = std::min(text_.size(), std::size_t(location.value_unsafe() - text_.data()));
  }
  return invalid(fmt::format("the payload is not JSON near byte {} of {}: {}", offset, text_.size(),
                             words_for(code)));
}

Error Walk::refuse_member(std::string_view name, std::string_view what) const {
  const std::string where = element_ ? fmt::format("object {}, ", *element_) : std::string();
  return invalid(fmt::format("{}member {}: {}", where, quote(name), what));
}

Error Walk::refuse(std::string_view what) const {
  return refuse_member(path_, what);
}

Result<std::vector<Measurement>> Walk::run() {
  ondemand::json_type type{};
  if (const auto code = document_.type().get(type)) return malformed(code);
  Result<void> read;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (const auto code = document_.get_object().get(object)) return malformed(code);
    read = read_element(object);
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (const auto code = document_.get_array().get(array)) return malformed(code);
    read = read_array(array);
  } else {
    return invalid("the payload is a single value; send an object such as {\"t\": 21.5}");
  }
  if (!read) return read.error();
  // At the end of the document there is no location any more.
  if (document_.current_location().error() == simdjson::SUCCESS) {
    return malformed(simdjson::TRAILING_CONTENT);
  }
  return std::move(measurements_);
}

Result<void> Walk::read_array(ondemand::array array) {
  element_ = 0;
  for (auto item : array) {
    ++*element_;
    ondemand::value value;
    if (const auto code = item.get(value)) return malformed(code);
    ondemand::json_type type{};
    if (const auto code = value.type().get(type)) return malformed(code);
    if (type != ondemand::json_type::object) {
      return invalid(fmt::format("element {} of the array is not an object", *element_));
    }
    ondemand::object object;
    if (const auto code = value.get_object().get(object)) return malformed(code);
    if (auto read = read_element(object); !read) return read.error();
  }
  return {};
}

// An object of the outermost level: its members share one time.
Result<void> Walk::read_element(ondemand::object object) {
  const std::size_t first = measurements_.size();
  names_.clear();
  path_.clear();
  time_.reset();
  time_name_.clear();
  if (auto read = read_members(object, 1); !read) return read.error();
  if (auto differ = check_names_differ(); !differ) return differ.error();
  if (time_) {
    for (std::size_t index = first; index < measurements_.size(); ++index) {
      measurements_[index].time = *time_;
    }
  }
  return {};
}

Result<void> Walk::read_members(ondemand::object object, std::size_t depth) {
  for (auto item : object) {
    ondemand::field field;
    if (const auto code = std::move(item).get(field)) return malformed(code);
    if (++members_ > limits_.members_max) {
      return invalid(fmt::format("more than {} members in one message: send it in parts",
                                 limits_.members_max));
    }
    if (auto read = read_member(field, depth); !read) return read.error();
  }
  return {};
}

Result<void> Walk::read_member(ondemand::field& field, std::size_t depth) {
  std::string_view name;
  if (const auto code = field.unescaped_key().get(name)) return malformed(code);
  if (depth == 1 && is_time_member(name)) return read_time(name, field.value());
  const std::size_t parent_bytes = path_.size();
  if (parent_bytes != 0) path_ += '/';
  path_ += name;
  if (path_.size() > metric_bytes_max) {
    return refuse(fmt::format("its name has {} bytes, at most {} are allowed", path_.size(),
                              metric_bytes_max));
  }
  if (!is_metric(name)) {
    return refuse(
        "its name does not begin with a letter or a digit, or holds something other than "
        "A-Z a-z 0-9 _ - . /");
  }
  names_.push_back(path_);
  if (auto read = read_value(field.value(), depth); !read) return read.error();
  path_.resize(parent_bytes);
  return {};
}

Result<void> Walk::read_value(ondemand::value value, std::size_t depth) {
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return malformed(code);
  switch (type) {
    case ondemand::json_type::number: return read_number(value);
    case ondemand::json_type::string: return read_text(value);
    case ondemand::json_type::boolean: {
      bool flag = false;
      if (const auto code = value.get_bool().get(flag)) return malformed(code);
      add(flag);
      return {};
    }
    case ondemand::json_type::null: {
      bool null = false;
      if (const auto code = value.is_null().get(null)) return malformed(code);
      if (!null) return malformed(simdjson::N_ATOM_ERROR);
      return {};
    }
    case ondemand::json_type::array:
      return refuse("an array is not a value; send one object for each point in time");
    case ondemand::json_type::object: {
      if (depth == limits_.depth_max) {
        return refuse(fmt::format("objects inside objects, deeper than {}", limits_.depth_max));
      }
      ondemand::object object;
      if (const auto code = value.get_object().get(object)) return malformed(code);
      return read_members(object, depth + 1);
    }
  }
  return malformed(simdjson::TAPE_ERROR);
}

Result<void> Walk::read_number(ondemand::value value) {
  const std::string_view token = trimmed(value.raw_json_token());
  double number = 0;
  if (value.get_double().get(number) != simdjson::SUCCESS || !std::isfinite(number)) {
    return refuse(fmt::format("{} is not a number that a double holds", quote(token)));
  }
  add(number);
  return {};
}

Result<void> Walk::read_text(ondemand::value value) {
  std::string_view text;
  if (const auto code = value.get_string().get(text)) return malformed(code);
  if (text.size() > limits_.text_bytes_max) {
    return refuse(fmt::format("its text has {} bytes, at most {} are allowed", text.size(),
                              limits_.text_bytes_max));
  }
  add(std::string(text));
  return {};
}

Result<void> Walk::read_time(std::string_view name, ondemand::value value) {
  if (!time_name_.empty()) {
    return refuse_member(name,
                         fmt::format("{} stands before it; one time is enough", quote(time_name_)));
  }
  time_name_ = name;
  const std::string member = time_name_;  // `name` does not outlive the next string read
  ondemand::json_type type{};
  if (const auto code = value.type().get(type)) return malformed(code);
  const std::string_view token = trimmed(value.raw_json_token());
  if (type == ondemand::json_type::null) {
    bool null = false;
    if (const auto code = value.is_null().get(null)) return malformed(code);
    if (!null) return malformed(simdjson::N_ATOM_ERROR);
    return {};
  }
  Result<Time> time = Error{Outcome::invalid, ""};
  std::string shown(token);
  if (type == ondemand::json_type::number) {
    double number = 0;
    if (value.get_double().get(number) == simdjson::SUCCESS) time = time_of_number(number);
  } else if (type == ondemand::json_type::string) {
    std::string_view text;
    if (const auto code = value.get_string().get(text)) return malformed(code);
    time = parse_time(text);
    shown = text;
  } else {
    return refuse_member(member, "a time is text or a number");
  }
  if (!time) {
    return refuse_member(
        member, fmt::format("{} is not a time from 1970 to 2099; write 2026-11-21T23:48:40Z, or "
                            "seconds, milliseconds or microseconds since 1970",
                            quote(shown)));
  }
  time_ = *time;
  return {};
}

Result<void> Walk::check_names_differ() {
  std::sort(names_.begin(), names_.end());
  const auto twice = std::adjacent_find(names_.begin(), names_.end());
  if (twice != names_.end()) return refuse_member(*twice, "it stands there twice");
  return {};
}

}  // namespace

Result<Time> time_of_number(double number) {
  // Seconds until 2100 are fewer than milliseconds since 1970-02-17, and so on: the ranges do not
  // meet for any device that has a clock at all.
  double microseconds = std::numeric_limits<double>::quiet_NaN();
  if (number >= 0 && number < seconds_end) {
    microseconds = number * 1e6;
  } else if (number >= seconds_end && number < seconds_end * 1e3) {
    microseconds = number * 1e3;
  } else if (number >= seconds_end * 1e3 && number < seconds_end * 1e6) {
    microseconds = number;
  }
  // A fraction may round up to 2100 itself.
  const double rounded = std::round(microseconds);
  if (!(rounded < seconds_end * 1e6)) {
    return invalid(fmt::format("{} is not a time from 1970 to 2099", number));
  }
  return from_microseconds(std::int64_t(rounded));
}

struct JsonParser::State {
  JsonLimits limits;
  ondemand::parser parser;
  std::string padded;
};

JsonParser::JsonParser(JsonLimits limits) : state_(std::make_unique<State>()) {
  state_->limits = limits;
}

JsonParser::~JsonParser() = default;

Result<std::vector<Measurement>> JsonParser::parse(BytesView payload, Time received_at) {
  if (payload.size() > record::payload_bytes_max) {
    return invalid(fmt::format("the payload has {} bytes, at most {} are allowed", payload.size(),
                               record::payload_bytes_max));
  }
  std::string& padded = state_->padded;
  padded.reserve(payload.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(payload);
  ondemand::document document;
  const auto code =
      state_->parser
          .iterate(simdjson::padded_string_view(padded.data(), padded.size(), padded.capacity()))
          .get(document);
  if (code) return invalid(fmt::format("the payload is not JSON: {}", words_for(code)));
  return Walk(state_->limits, padded, document, received_at).run();
}

}  // namespace cauce::decode
