#include "charts/condition.h"

#include <fmt/core.h>

#include <array>
#include <optional>

namespace cauce::charts {

namespace {

using Compare = Condition::Compare;

struct Operator {
  std::string_view text;
  Compare compare;
};

// Longer ones first, so that ">=" is not read as ">".
constexpr std::array<Operator, 6> signs{{{">=", Compare::at_least},
                                         {"<=", Compare::at_most},
                                         {"!=", Compare::not_equal},
                                         {"=", Compare::equal},
                                         {">", Compare::greater},
                                         {"<", Compare::less}}};
constexpr std::array<Operator, 3> words{{{" is missing", Compare::missing},
                                         {" is present", Compare::present},
                                         {" in ", Compare::one_of}}};

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

Error not_a_condition(std::string_view text, std::string_view why) {
  return {Outcome::invalid,
          fmt::format("\"{}\" is no condition: {}; write for example Horsepower > 100, "
                      "Origin in USA, Japan or Horsepower is present",
                      text.substr(0, 64), why)};
}

// Where the text outside of quotes first holds one of the operators.
template <std::size_t count>
std::optional<std::pair<std::size_t, Operator>> find_outside_quotes(
    std::string_view text, const std::array<Operator, count>& operators) {
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"') quoted = !quoted;
    if (quoted) continue;
    for (const Operator& candidate : operators) {
      if (text.substr(at).starts_with(candidate.text)) return std::pair{at, candidate};
    }
  }
  return {};
}

// A name or a value, out of its quotes when it has some; nothing: the quotes do not match.
std::optional<std::string> unquoted(std::string_view text) {
  text = trimmed(text);
  if (!text.starts_with('"')) return std::string(text);
  if (text.size() < 2 || !text.ends_with('"')) return {};
  std::string plain;
  const std::string_view inside = text.substr(1, text.size() - 2);
  for (std::size_t at = 0; at < inside.size(); ++at) {
    if (inside[at] == '"' && (at + 1 == inside.size() || inside[++at] != '"')) return {};
    plain += inside[at];
  }
  return plain;
}

std::vector<std::string_view> split_at_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    if (at < text.size() && text[at] == '"') quoted = !quoted;
    if (at < text.size() && (quoted || text[at] != ',')) continue;
    parts.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  return parts;
}

std::string in_quotes(std::string_view text) {
  const bool plain = !text.empty() && trimmed(text) == text &&
                     text.find_first_of("\"=<>!,") == std::string_view::npos &&
                     text.find(" is") == std::string_view::npos &&
                     text.find(" in") == std::string_view::npos;
  if (plain) return std::string(text);
  std::string in_quotes = "\"";
  for (const char letter : text)
    in_quotes += letter == '"' ? "\"\"" : std::string(1, letter);
  return in_quotes + "\"";
}

}  // namespace

Result<Condition> parse_condition(std::string_view text) {
  if (text.size() > condition_bytes_max) return not_a_condition(text, "it is too long");
  auto found = find_outside_quotes(text, signs);
  const auto word = find_outside_quotes(text, words);
  if (word && (!found || word->first < found->first)) found = word;
  if (!found) return not_a_condition(text, "it has no comparison");
  const auto& [at, sign] = *found;
  Condition condition;
  condition.compare = sign.compare;
  const auto column = unquoted(text.substr(0, at));
  if (!column) return not_a_condition(text, "the quotes do not match");
  if (column->empty()) return not_a_condition(text, "it names no column");
  condition.column = *column;
  const std::string_view rest = trimmed(text.substr(at + sign.text.size()));
  if (sign.compare == Compare::missing || sign.compare == Compare::present) {
    if (!rest.empty()) return not_a_condition(text, "it goes on after its end");
    return condition;
  }
  const auto parts =
      sign.compare == Compare::one_of ? split_at_commas(rest) : std::vector<std::string_view>{rest};
  if (parts.size() > condition_values_max) {
    return not_a_condition(text, fmt::format("it has more than {} values", condition_values_max));
  }
  for (const std::string_view part : parts) {
    if (trimmed(part).empty()) return not_a_condition(text, "a value is missing");
    auto value = unquoted(part);
    if (!value) return not_a_condition(text, "the quotes do not match");
    condition.values.push_back(std::move(*value));
  }
  return condition;
}

std::string to_text(const Condition& condition) {
  const std::string column = in_quotes(condition.column);
  if (condition.compare == Compare::missing) return column + " is missing";
  if (condition.compare == Compare::present) return column + " is present";
  std::string values;
  for (const std::string& value : condition.values) {
    values += (values.empty() ? "" : ", ") + in_quotes(value);
  }
  if (condition.compare == Compare::one_of) return column + " in " + values;
  for (const Operator& sign : signs) {
    if (sign.compare == condition.compare)
      return fmt::format("{} {} {}", column, sign.text, values);
  }
  INVARIANT(false);
}

}  // namespace cauce::charts
