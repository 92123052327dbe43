#include "metrics/exposition.h"

#include <algorithm>
#include <map>
#include <string_view>

namespace cauce::metrics {
namespace {

struct Lines {
  std::string head;
  std::string samples;
};
using Families = std::map<std::string, Lines, std::less<>>;

// "cauce_x{a="b"} 1" or "cauce_x 1" with one label more. A label of the same name stays alone.
std::string with_process(std::string_view line, const std::string& process) {
  const std::size_t end = line.find_first_of("{ ");
  if (process.empty() || end == std::string_view::npos) return std::string(line);
  std::string result(line.substr(0, end));
  result += "{process=\"" + process + '"';
  if (line[end] == ' ') return result + '}' + std::string(line.substr(end));
  if (line.substr(end, 2) != "{}") result += ',';
  return result + std::string(line.substr(end + 1));
}

// The name of "# HELP name …" and "# TYPE name …"; empty for another line.
std::string_view family_of(std::string_view line) {
  if (!line.starts_with("# HELP ") && !line.starts_with("# TYPE ")) return {};
  const std::string_view rest = line.substr(7);
  return rest.substr(0, rest.find(' '));
}

void add(const Exposition& part, Families& families) {
  Lines* lines = nullptr;
  bool first = false;  // nobody has described this family yet
  std::string_view text = part.text;
  std::string_view current;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (const std::string_view name = family_of(line); !name.empty()) {
      if (name != current) {
        lines = &families[std::string(name)];
        first = lines->head.empty();
        current = name;
      }
      if (first) lines->head += std::string(line) + '\n';
    } else if (lines != nullptr && !line.empty() && !line.starts_with('#')) {
      lines->samples += with_process(line, part.process) + '\n';
    }
  }
}

}  // namespace

std::string merge(const std::vector<Exposition>& parts) {
  Families families;
  for (const Exposition& part : parts)
    add(part, families);
  std::string text;
  for (const auto& [name, lines] : families)
    text += lines.head + lines.samples;
  return text;
}

}  // namespace cauce::metrics
