#include "datasets/csv/dialect.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

namespace cauce::datasets::csv {

namespace {

constexpr std::size_t rows_looked_at_max = 1000;

// '\r' ends lines only where no '\n' follows the first one outside quotes.
char detect_newline(std::string_view beginning) {
  bool inside = false;
  for (std::size_t at = 0; at < beginning.size(); ++at) {
    if (beginning[at] == '"') inside = !inside;
    if (inside) continue;
    if (beginning[at] == '\n') return '\n';
    if (beginning[at] == '\r') {
      return at + 1 < beginning.size() && beginning[at + 1] != '\n' ? '\r' : '\n';
    }
  }
  return '\n';
}

// The number of fields of each row that is not blank. Where quotes stand matters little here: they
// toggle.
std::vector<std::size_t> count_fields(std::string_view text, const Marks& marks, bool is_whole) {
  std::vector<std::size_t> counts;
  bool inside = false;
  bool blank = true;
  std::size_t fields = 1;
  for (const char byte : text) {
    if (byte == marks.quote) inside = !inside;
    if (!inside && byte == marks.newline) {
      if (!blank) counts.push_back(fields);
      if (counts.size() == rows_looked_at_max) return counts;
      fields = 1;
      blank = true;
      continue;
    }
    if (!inside && byte == marks.delimiter) ++fields;
    if (byte != ' ' && byte != '\r') blank = false;
  }
  if (!blank && (is_whole || counts.empty())) counts.push_back(fields);
  return counts;
}

}  // namespace

Marks detect_marks(std::string_view beginning, bool is_whole) {
  Marks best;
  best.newline = detect_newline(beginning);
  double best_share = 0;
  std::size_t best_fields = 1;
  for (const char delimiter : {',', '\t', ';', '|'}) {
    Marks marks = best;
    marks.delimiter = delimiter;
    const std::vector<std::size_t> counts = count_fields(beginning, marks, is_whole);
    if (counts.empty() || counts[0] < 2) continue;
    const auto agreeing = std::count(counts.begin(), counts.end(), counts[0]);
    const double share = double(agreeing) / double(counts.size());
    if (share > best_share || (share == best_share && counts[0] > best_fields)) {
      best.delimiter = delimiter;
      best_share = share;
      best_fields = counts[0];
    }
  }
  return best;
}

std::string_view name_of(Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8: return "UTF-8";
    case Encoding::utf16le: return "UTF-16LE";
    case Encoding::utf16be: return "UTF-16BE";
    case Encoding::windows1252: return "windows-1252";
  }
  return "unknown";
}

Encoding detect_encoding(std::string_view beginning) {
  if (beginning.starts_with("\xFF\xFE")) return Encoding::utf16le;
  if (beginning.starts_with("\xFE\xFF")) return Encoding::utf16be;
  const std::string_view looked_at =
      beginning.substr(0, std::min<std::size_t>(1024, beginning.size()) & ~1u);
  std::array<std::size_t, 2> zeros{};
  for (std::size_t at = 0; at < looked_at.size(); ++at) {
    if (looked_at[at] == 0) ++zeros[at % 2];
  }
  // A single zero byte is damage; in a table of UTF-16 the separators, digits and spaces have one.
  const std::size_t enough = std::max<std::size_t>(3, looked_at.size() / 16);
  if (zeros[1] >= enough && zeros[0] == 0) return Encoding::utf16le;
  if (zeros[0] >= enough && zeros[1] == 0) return Encoding::utf16be;
  return Encoding::utf8;
}

namespace {

// The length of the well-formed character at the front (Unicode 15, table 3-7); 0: there is none.
std::size_t character_bytes(const unsigned char* bytes, std::size_t left) {
  const unsigned char first = bytes[0];
  std::size_t length = 0;
  unsigned char least = 0x80;
  unsigned char most = 0xBF;
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || length > left) return 0;
  if (first == 0xE0) least = 0xA0;
  if (first == 0xED) most = 0x9F;
  if (first == 0xF0) least = 0x90;
  if (first == 0xF4) most = 0x8F;
  if (bytes[1] < least || bytes[1] > most) return 0;
  for (std::size_t at = 2; at < length; ++at) {
    if (bytes[at] < 0x80 || bytes[at] > 0xBF) return 0;
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view bytes, std::size_t& wrong_at) {
  const auto* from = reinterpret_cast<const unsigned char*>(bytes.data());
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::uint64_t word = 0;
    if (at + 8 <= bytes.size()) {
      std::memcpy(&word, from + at, 8);
      if ((word & 0x8080808080808080) == 0) {
        at += 8;
        continue;
      }
    }
    const std::size_t length = character_bytes(from + at, bytes.size() - at);
    if (length == 0) {
      wrong_at = at;
      return false;
    }
    at += length;
  }
  return true;
}

}  // namespace cauce::datasets::csv
