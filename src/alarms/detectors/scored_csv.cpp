#include "alarms/detectors/scored_csv.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

#include "base/time.h"

namespace cauce::alarms::detectors {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

// A foreign text as an error may show it: short, and without characters that move a terminal.
std::string shown(std::string_view text) {
  constexpr std::size_t bytes_max = 40;
  std::string result{text.substr(0, bytes_max)};
  for (char& character : result) {
    if (std::uint8_t(character) < 0x20 || std::uint8_t(character) >= 0x7F) character = '?';
  }
  return text.size() > bytes_max ? result + "…" : result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& character : result) {
    if (character >= 'A' && character <= 'Z') character = char(character - 'A' + 'a');
  }
  return result;
}

bool is_missing(std::string_view text) {
  if (text.empty()) return true;
  if (text.size() > 4) return false;
  const std::string word = lower(text);
  return word == "na" || word == "nan" || word == "null" || word == "none";
}

// nullopt when the text is no decimal number; infinite ones are none either.
std::optional<double> number_of(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc{} || stop != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

Result<Time> time_of(std::string_view text) {
  // "2014-04-14 23:55:00": nineteen characters of date and time, then maybe a fraction.
  const bool has_offset = text.size() > 19 && text.find_first_of("Zz+-", 19) != text.npos;
  if (has_offset) return parse_time(text);
  return parse_time(std::string(text) + "Z");
}

// The field as CSV, in quotes where it needs them.
void put_field(Bytes& target, std::string_view field) {
  if (field.find_first_of("\",\r") == field.npos) {
    target += field;
    return;
  }
  target += '"';
  for (const char character : field) {
    if (character == '"') target += '"';
    target += character;
  }
  target += '"';
}

}  // namespace

Error ScoredCsv::at_line(std::string text) const {
  return {Outcome::invalid, fmt::format("line {}{}", line_, text)};
}

Result<void> ScoredCsv::take(BytesView piece, Bytes& target) {
  while (!piece.empty()) {
    const std::size_t end = piece.find('\n');
    const std::size_t length = std::min(end, piece.size());
    if (rest_.size() + length > limits_.line_bytes_max) {
      ++line_;
      return at_line(fmt::format(" has more than {} bytes, which is the limit; is this a CSV?",
                                 limits_.line_bytes_max));
    }
    if (end == piece.npos) {
      rest_ += piece;
      return {};
    }
    std::string_view line = piece.substr(0, end);
    if (!rest_.empty()) {
      rest_ += line;
      line = rest_;
    }
    if (auto taken = take_line(line, target); !taken) return taken;
    rest_.clear();
    piece.remove_prefix(end + 1);
  }
  return {};
}

Result<void> ScoredCsv::finish(Bytes& target) {
  const Bytes line = std::move(rest_);
  rest_.clear();
  if (!line.empty()) {
    if (auto taken = take_line(line, target); !taken) return taken;
  }
  if (has_header_) return {};
  return Error{Outcome::invalid, "the input is empty; its first line must be: timestamp,value"};
}

Result<void> ScoredCsv::split(std::string_view line) {
  std::size_t count = 0;
  std::size_t at = 0;
  while (true) {
    if (count == limits_.columns_max) {
      return at_line(
          fmt::format(" has more than {} columns, which is the limit", limits_.columns_max));
    }
    if (count == fields_.size()) fields_.emplace_back();
    std::string& field = fields_[count++];
    field.clear();
    if (at < line.size() && line[at] == '"') {
      for (++at;; ++at) {
        if (at >= line.size()) {
          return at_line(
              ": a quote is opened and not closed; a field of a series holds no line "
              "break");
        }
        if (line[at] != '"') {
          field += line[at];
        } else if (at + 1 < line.size() && line[at + 1] == '"') {
          field += line[at++];
        } else {
          break;
        }
      }
      ++at;
      if (at < line.size() && line[at] != ',') {
        return at_line(fmt::format(", column {}: text follows a closing quote", count));
      }
    } else {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      field.assign(line.substr(at, comma - at));
      at = comma;
    }
    if (at >= line.size()) break;
    ++at;
  }
  fields_.resize(count);
  return {};
}

Result<void> ScoredCsv::take_header() {
  const auto column_of = [this](std::string_view name) {
    const auto found = std::find_if(fields_.begin(), fields_.end(), [&](const std::string& field) {
      return lower(trimmed(field)) == name;
    });
    return std::size_t(found - fields_.begin());
  };
  timestamp_column_ = column_of("timestamp");
  value_column_ = column_of("value");
  for (const auto& [name, column] :
       {std::pair{"timestamp", timestamp_column_}, std::pair{"value", value_column_}}) {
    if (column < fields_.size()) continue;
    return at_line(
        fmt::format(": the header has no column {}; write timestamp,value (found \"{}\""
                    " first)",
                    name, shown(fields_.front())));
  }
  has_header_ = true;
  return {};
}

Result<void> ScoredCsv::take_line(std::string_view line, Bytes& target) {
  ++line_;
  if (line_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.empty()) return {};
  if (auto done = split(line); !done) return done;
  if (!has_header_) {
    if (auto taken = take_header(); !taken) return taken;
    target += "timestamp,value,anomaly_score\n";
    return {};
  }
  const std::size_t columns_least = std::max(timestamp_column_, value_column_) + 1;
  if (fields_.size() < columns_least) {
    return at_line(
        fmt::format(" has {} columns, the header has at least {}", fields_.size(), columns_least));
  }
  const std::string_view time_text = trimmed(fields_[timestamp_column_]);
  const std::string_view value_text = trimmed(fields_[value_column_]);
  const Result<Time> time = time_of(time_text);
  if (!time) {
    return at_line(
        fmt::format(", column timestamp: \"{}\" is not a time; write "
                    "2026-11-21T23:48:40Z or 2026-11-21 23:48:40 (UTC)",
                    shown(time_text)));
  }
  double score = 0;
  if (!is_missing(value_text)) {
    const std::optional<double> value = number_of(value_text);
    if (!value) {
      return at_line(
          fmt::format(", column value: \"{}\" is not a number; write 21.5, or leave it "
                      "empty where nothing was measured",
                      shown(value_text)));
    }
    score = detector_.judge(*time, *value).score;
  }
  put_field(target, time_text);
  target += ',';
  put_field(target, value_text);
  fmt::format_to(std::back_inserter(target), ",{:.6g}\n", score);
  ++rows_;
  return {};
}

}  // namespace cauce::alarms::detectors
