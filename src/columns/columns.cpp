#include "columns/columns.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

namespace cauce::columns {

namespace {

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? char(letter + 32) : letter;
}

// Names are compared as people mistype them: case, spaces and underscores do not count.
std::string folded(std::string_view name) {
  std::string kept;
  for (const char letter : name.substr(0, 64)) {
    if (letter != ' ' && letter != '_' && letter != '-') kept += lower(letter);
  }
  return kept;
}

// Levenshtein 1966: the fewest letters to insert, remove or replace.
std::size_t distance(std::string_view one, std::string_view other) {
  std::vector<std::size_t> row(other.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < other.size(); ++j) {
      const std::size_t replaced = diagonal + (one[i] == other[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row[other.size()];
}

}  // namespace

std::string_view name_of(Type type) {
  switch (type) {
    case Type::number: return "number";
    case Type::text: return "text";
    case Type::date: return "date";
    case Type::datetime: return "datetime";
    case Type::boolean: return "boolean";
  }
  INVARIANT(false);
}

Result<std::size_t> find_column(const Schema& schema, std::string_view name) {
  std::size_t closest = 0;
  std::size_t least = std::size_t(-1);
  const std::string asked = folded(name);
  for (std::size_t index = 0; index < schema.size(); ++index) {
    if (schema[index].name == name) return index;
    const std::size_t letters = distance(asked, folded(schema[index].name));
    if (letters < least) {
      least = letters;
      closest = index;
    }
  }
  const std::string_view shown = name.substr(0, 64);
  if (least <= 1 + asked.size() / 4) {
    return Error{Outcome::not_found,
                 fmt::format("no column {}; did you mean {}?", shown, schema[closest].name)};
  }
  std::string names;
  for (const Column& column : schema) {
    if (names.size() > 200) {
      names += ", …";
      break;
    }
    names += (names.empty() ? "" : ", ") + column.name.substr(0, 64);
  }
  return Error{Outcome::not_found, fmt::format("no column {}; there are: {}", shown, names)};
}

}  // namespace cauce::columns
