#include "table/handles.h"

#include <fmt/core.h>

#include <utility>

namespace cauce::table {
namespace {

struct NamedOutcome {
  std::string_view prefix;
  Outcome outcome;
};

// How DuckDB begins the messages of those errors that are not simply a wrong request.
constexpr NamedOutcome named_outcomes[] = {
    {"Out of Memory Error", Outcome::exhausted},
    {"Permission Error", Outcome::denied},
    {"INTERNAL Error", Outcome::corrupt},
    {"FATAL Error", Outcome::corrupt},
    {"Not implemented Error", Outcome::unsupported},
    {"Missing Extension Error", Outcome::unsupported},
};

Outcome outcome_of(std::string_view message) {
  if (message.find("No space left on device") != std::string_view::npos ||
      message.find("Disk quota exceeded") != std::string_view::npos ||
      message.find("File too large") != std::string_view::npos ||
      message.find("could not allocate block") != std::string_view::npos) {
    return Outcome::exhausted;
  }
  if (message.find("the configuration has been locked") != std::string_view::npos) {
    return Outcome::denied;
  }
  for (const NamedOutcome& named : named_outcomes) {
    if (message.starts_with(named.prefix)) return named.outcome;
  }
  if (message.starts_with("IO Error")) return Outcome::unavailable;
  return Outcome::invalid;
}

bool ends_path(char character) {
  return std::string_view(" \"'`,;()\t").find(character) != std::string_view::npos;
}

std::string without_directories(std::string_view message, std::string_view sql) {
  std::string text;
  for (std::size_t index = 0; index < message.size();) {
    const bool begins = message[index] == '/' && (index == 0 || ends_path(message[index - 1]));
    if (!begins) {
      text += message[index++];
      continue;
    }
    std::size_t end = index;
    while (end < message.size() && !ends_path(message[end])) {
      ++end;
    }
    const std::string_view path = message.substr(index, end - index);
    const bool known = path.size() == 1 || sql.find(path) != std::string_view::npos;
    text += known ? path : path.substr(path.rfind('/') + 1);
    index = end;
  }
  return text;
}

}  // namespace

Error QueryResult::error(std::string_view sql) {
  const char* message = duckdb().result_error(&result_);
  return duckdb_error(message == nullptr ? "" : message, sql);
}

std::string take_text(char* text) {
  if (text == nullptr) return {};
  std::string taken = text;
  duckdb().free(text);
  return taken;
}

Error duckdb_error(std::string_view message, std::string_view sql) {
  std::string_view line = message.substr(0, message.find('\n'));
  if (line.empty()) line = "DuckDB failed without saying why";
  return Error{outcome_of(message), without_directories(line, sql)};
}

}  // namespace cauce::table
