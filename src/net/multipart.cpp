#include "net/multipart.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace cauce::net {
namespace {

constexpr std::size_t boundary_bytes_max = 70;  // RFC 2046 section 5.1.1
constexpr std::string_view line_end = "\r\n";

Error no_form(std::string_view why) {
  return {Outcome::invalid, fmt::format("The form cannot be read: {}.", why)};
}

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& character : made) {
    character = char(std::tolower(static_cast<unsigned char>(character)));
  }
  return made;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

// What stands in quotes, without them: curl writes \" and \\ for the two that need it, browsers
// write %22 and leave a backslash as it is.
std::string quoted(std::string_view& text) {
  std::string value;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.size() > 1 && text[0] == '\\' && (text[1] == '"' || text[1] == '\\')) {
      text.remove_prefix(1);
    }
    value += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

// Takes the next `; name=value` off the front; false when there is none.
bool next_parameter(std::string_view& text, std::string& name, std::string& value) {
  const std::size_t begin = text.find(';');
  if (begin == std::string_view::npos) return false;
  text.remove_prefix(begin + 1);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) return false;
  name = lower(trimmed(text.substr(0, equals)));
  text = text.substr(equals + 1);
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  if (text.starts_with('"')) {
    value = quoted(text);
    return true;
  }
  const std::size_t end = std::min(text.find(';'), text.size());
  value = std::string(trimmed(text.substr(0, end)));
  text.remove_prefix(end);
  return true;
}

std::string without_escapes(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, char>, 3> escapes{
      {{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}}};
  std::string plain;
  while (!name.empty()) {
    const auto found = std::find_if(escapes.begin(), escapes.end(), [&](const auto& escape) {
      return name.starts_with(escape.first);
    });
    plain += found == escapes.end() ? name.front() : found->second;
    name.remove_prefix(found == escapes.end() ? 1 : found->first.size());
  }
  return plain;
}

}  // namespace

std::optional<std::string> form_boundary(std::string_view content_type) {
  const std::string kind = lower(trimmed(content_type.substr(0, content_type.find(';'))));
  if (kind != "multipart/form-data") return std::nullopt;
  std::string name;
  std::string value;
  while (next_parameter(content_type, name, value)) {
    if (name != "boundary") continue;
    if (value.empty() || value.size() > boundary_bytes_max) return std::nullopt;
    return value;
  }
  return std::nullopt;
}

FormReader::FormReader(std::string_view boundary, TakeFile file, FormLimits limits)
    : delimiter_(fmt::format("\r\n--{}", boundary)), file_(std::move(file)), limits_(limits) {}

Result<void> FormReader::take(BytesView bytes) {
  rest_.append(bytes);
  for (;;) {
    Result<bool> moved = false;
    switch (where_) {
      case Where::before_first: moved = skip_to_first(); break;
      case Where::after_delimiter: moved = read_delimiter_end(); break;
      case Where::head: moved = read_head(); break;
      case Where::content: moved = read_content(); break;
      case Where::behind_last: rest_.clear(); return {};
    }
    if (!moved) return moved.error();
    if (!*moved) return {};
  }
}

Result<bool> FormReader::skip_to_first() {
  const std::size_t found = rest_.find(delimiter_);
  if (found == Bytes::npos) {
    if (rest_.size() <= limits_.head_bytes_max) return false;
    return no_form("its boundary does not come");
  }
  rest_.erase(0, found + delimiter_.size());
  where_ = Where::after_delimiter;
  return true;
}

Result<bool> FormReader::read_delimiter_end() {
  if (rest_.size() < 2) return false;
  if (rest_.starts_with("--")) {
    where_ = Where::behind_last;
    return true;
  }
  const std::size_t end = rest_.find(line_end);
  if (end == Bytes::npos) {
    if (rest_.size() <= limits_.head_bytes_max) return false;
    return no_form("a boundary has no end of line");
  }
  if (!trimmed(std::string_view(rest_).substr(0, end)).empty())
    return no_form("other text stands behind a boundary");
  rest_.erase(0, end);  // the end of line begins the head, which may be empty
  where_ = Where::head;
  return true;
}

Result<bool> FormReader::read_head() {
  const std::size_t end = rest_.find("\r\n\r\n");
  if (std::min(end, rest_.size()) > limits_.head_bytes_max) {
    return no_form(
        fmt::format("the headers of a part have more than {} bytes", limits_.head_bytes_max));
  }
  if (end == Bytes::npos) return false;
  if (auto begun = begin_part(std::string_view(rest_).substr(0, end)); !begun) return begun.error();
  rest_.erase(0, end + 4);
  where_ = Where::content;
  return true;
}

Result<void> FormReader::begin_part(std::string_view head) {
  std::string disposition;
  while (!head.empty()) {
    const std::size_t end = std::min(head.find(line_end), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + line_end.size(), head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (lower(trimmed(line.substr(0, colon))) == "content-disposition")
      disposition = std::string(trimmed(line.substr(colon + 1)));
  }
  if (lower(trimmed(disposition.substr(0, disposition.find(';')))) != "form-data")
    return no_form("a part is no \"Content-Disposition: form-data\"");
  std::string_view rest = disposition;
  std::string name;
  std::string value;
  field_.clear();
  in_file_ = false;
  std::string file_name;
  while (next_parameter(rest, name, value)) {
    if (name == "name") field_ = without_escapes(value);
    if (name == "filename") {
      in_file_ = true;
      file_name = without_escapes(value);
    }
  }
  if (in_file_ && has_file_) return no_form("it holds more than one file; send one at a time");
  if (in_file_) {
    has_file_ = true;
    file_name_ = std::move(file_name);
    return {};
  }
  if (fields_.size() == limits_.fields_max && !fields_.contains(field_))
    return no_form(fmt::format("it has more than {} fields besides the file", limits_.fields_max));
  fields_[field_].clear();
  return {};
}

Result<bool> FormReader::read_content() {
  const std::size_t found = rest_.find(delimiter_);
  if (found != Bytes::npos) {
    if (auto given = give(BytesView(rest_).substr(0, found)); !given) return given.error();
    rest_.erase(0, found + delimiter_.size());
    where_ = Where::after_delimiter;
    return true;
  }
  // The last bytes may be the beginning of a delimiter.
  const std::size_t kept = delimiter_.size() - 1;
  if (rest_.size() <= kept) return false;
  const std::size_t sure = rest_.size() - kept;
  if (auto given = give(BytesView(rest_).substr(0, sure)); !given) return given.error();
  rest_.erase(0, sure);
  return false;
}

Result<void> FormReader::give(BytesView bytes) {
  if (bytes.empty()) return {};
  if (in_file_) return file_(bytes);
  std::string& value = fields_[field_];
  if (value.size() + bytes.size() > limits_.field_bytes_max)
    return no_form(fmt::format("a field has more than {} bytes", limits_.field_bytes_max));
  value.append(bytes);
  return {};
}

Result<void> FormReader::finish() const {
  if (where_ != Where::behind_last) return no_form("it ends in the middle");
  if (!has_file_)
    return no_form("no part is a file; send it as the field \"file\" with a file name");
  return {};
}

}  // namespace cauce::net
