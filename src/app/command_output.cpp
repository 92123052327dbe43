#include "app/command_output.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace cauce::app {
namespace {

using nlohmann::json;

// Characters, as far as a table needs to know: bytes that do not continue a UTF-8 character.
std::size_t width_of(const std::string& text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

// What devices and users wrote must not command a terminal: a control character shows as U+FFFD.
std::string visible(const std::string& text) {
  std::string shown;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<unsigned char>(text[index]);
    const bool is_c1 = byte == 0xc2 && index + 1 < text.size() &&
                       static_cast<unsigned char>(text[index + 1]) < 0xa0;
    if (byte >= 0x20 && byte != 0x7f && !is_c1) {
      shown += text[index];
      continue;
    }
    shown += "\xef\xbf\xbd";
    index += is_c1;
  }
  return shown;
}

void print_row(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t column = 0; column < cells.size(); ++column) {
    line += cells[column];
    if (column + 1 == cells.size()) break;
    line.append(widths[column] - width_of(cells[column]) + 2, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  std::printf("%s\n", line.c_str());
}

void print_json(const json& value) {
  std::printf("%s\n", value.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

}  // namespace

std::string text_of(const json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

void print_items(const std::vector<json>& items, const std::vector<std::string>& members,
                 OutputFormat format) {
  if (format == OutputFormat::json) return print_json(items);
  std::vector<std::vector<std::string>> rows{members};
  for (const json& item : items) {
    rows.emplace_back();
    for (const std::string& member : members)
      rows.back().push_back(visible(text_of(item.value(member, json()))));
  }
  std::vector<std::size_t> widths(members.size(), 0);
  for (const auto& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column)
      widths[column] = std::max(widths[column], width_of(row[column]));
  }
  for (const auto& row : rows)
    print_row(row, widths);
}

void print_object(const json& object, const std::vector<std::string>& members,
                  OutputFormat format) {
  if (format == OutputFormat::json) return print_json(object);
  std::size_t width = 0;
  for (const std::string& member : members)
    width = std::max(width, width_of(member));
  for (const std::string& member : members)
    print_row({member, visible(text_of(object.value(member, json())))}, {width, 0});
}

}  // namespace cauce::app
