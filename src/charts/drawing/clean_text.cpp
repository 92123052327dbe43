#include "charts/drawing/clean_text.h"

#include <algorithm>

namespace cauce::charts::drawing {

namespace {

constexpr char32_t replacement = 0xfffd;
constexpr int marks_max = 4;

// Takes one character off the front; the replacement character for bytes that are none.
char32_t take(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const int more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : -1;
  if (more < 0 || lead > 0xf4 || std::size_t(more) >= text.size()) {
    text.remove_prefix(1);
    return replacement;
  }
  char32_t character = more == 0 ? lead : lead & (0x3f >> more);
  for (int index = 1; index <= more; ++index) {
    const auto next = static_cast<unsigned char>(text[index]);
    if ((next & 0xc0) != 0x80) {
      text.remove_prefix(1);
      return replacement;
    }
    character = (character << 6) | (next & 0x3f);
  }
  static constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = character >= 0xd800 && character <= 0xdfff;
  const bool wrong = character < least[more] || character > 0x10ffff || surrogate;
  text.remove_prefix(wrong ? 1 : more + 1);
  return wrong ? replacement : character;
}

void append(std::string& target, char32_t character) {
  if (character < 0x80) {
    target += char(character);
    return;
  }
  const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  static constexpr unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
  target += char(lead[more] | (character >> (6 * more)));
  for (int index = more - 1; index >= 0; --index)
    target += char(0x80 | ((character >> (6 * index)) & 0x3f));
}

bool is_space(char32_t character) {
  return character <= 0x20 || (character >= 0x7f && character <= 0xa0) ||
         (character >= 0x2000 && character <= 0x200a) || character == 0x2028 ||
         character == 0x2029 || character == 0x202f || character == 0x3000 || character == 0x1680;
}

bool turns_direction(char32_t character) {
  return character == 0x200e || character == 0x200f || character == 0x061c ||
         (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2066 && character <= 0x206f);
}

// Not for drawing: tags, byte order marks, what Unicode assigns to no character.
bool is_no_character(char32_t character) {
  return (character & 0xfffe) == 0xfffe || (character >= 0xfdd0 && character <= 0xfdef) ||
         (character >= 0xfff0 && character <= 0xfffb) || character == 0xfeff ||
         (character >= 0xe0000 && character <= 0xe0fff);
}

bool is_mark(char32_t character) {
  return (character >= 0x0300 && character <= 0x036f) ||
         (character >= 0x0483 && character <= 0x0489) ||
         (character >= 0x1ab0 && character <= 0x1aff) ||
         (character >= 0x1dc0 && character <= 0x1dff) ||
         (character >= 0x20d0 && character <= 0x20ff) ||
         (character >= 0xfe20 && character <= 0xfe2f);
}

bool is_upper(char character) {
  return character >= 'A' && character <= 'Z';
}

char lower(char character) {
  return is_upper(character) ? char(character + 32) : character;
}

// "Mass" may be written small, "IMDB", "US", "pH" and "A" may not.
bool is_common_word(std::string_view word) {
  return word.size() > 1 && std::none_of(word.begin() + 1, word.end(), is_upper) &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return is_upper(c) || (c >= 'a' && c <= 'z') || (c & 0x80); });
}

std::string words_in(std::string_view name, bool first_small) {
  std::string text{name};
  std::replace(text.begin(), text.end(), '_', ' ');
  text = clean_text(text);
  int depth = 0;
  for (std::size_t start = 0; start < text.size();) {
    std::size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = std::string_view(text).substr(start, end - start);
    if (depth == 0 && (start > 0 || first_small) && is_common_word(word))
      text[start] = lower(text[start]);
    for (; start < end; ++start)
      depth += text[start] == '(' || text[start] == '['   ? 1
               : text[start] == ')' || text[start] == ']' ? -1
                                                          : 0;
    ++start;
  }
  return text;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t bytes_max) {
  std::string cleaned;
  int marks = 0;
  bool space = false;
  while (!text.empty()) {
    const char32_t character = take(text);
    if (turns_direction(character)) continue;
    if (is_space(character)) {
      space = !cleaned.empty();
      continue;
    }
    marks = is_mark(character) ? marks + 1 : 0;
    if (marks > marks_max) continue;
    const std::size_t before = cleaned.size();
    if (space) cleaned += ' ';
    append(cleaned, is_no_character(character) ? replacement : character);
    if (cleaned.size() > bytes_max) {
      cleaned.resize(before);
      break;
    }
    space = false;
  }
  return cleaned;
}

std::string valid_text(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const char32_t character = take(text);
    const bool control =
        character < 0x20 && character != '\t' && character != '\n' && character != '\r';
    append(valid, control || character == 0xfffe || character == 0xffff ? replacement : character);
  }
  return valid;
}

std::string_view beginning(std::string_view text, std::size_t characters) {
  std::size_t end = 0;
  while (end < text.size()) {
    if ((text[end] & 0xc0) != 0x80 && characters-- == 0) break;
    ++end;
  }
  return text.substr(0, end);
}

std::size_t count_characters(std::string_view text) {
  return std::size_t(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string words_of_column(std::string_view name) {
  std::string text = words_in(name, false);
  if (text.size() > 1 && text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = char(text[0] - 32);
  }
  return text;
}

std::string words_within(std::string_view name) {
  return words_in(name, true);
}

}  // namespace cauce::charts::drawing
