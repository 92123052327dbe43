#include "datasets/typed/chunk.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

namespace cauce::datasets::typed {
namespace {

enum class Form : std::uint8_t { doubles = 1, steps = 2, codes = 3, texts = 4 };

constexpr double exact_whole_max = 9007199254740992;  // 2^53
constexpr double not_there = std::numeric_limits<double>::quiet_NaN();
// Powers of ten are exact as doubles up to 10^22; measurements have few digits behind the point.
constexpr std::array<double, 7> tens{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
// Of times in microseconds: days, hours, minutes, seconds, milliseconds.
constexpr std::array<std::int64_t, 6> multiples{86'400'000'000, 3'600'000'000, 60'000'000,
                                                1'000'000,      1'000,         1};

// value = (base + difference) * multiple / 10^decimals: exact until the division, which is the
// nearest double of that decimal, as reading its digits gives it.
struct Steps {
  std::int64_t base = 0;
  std::int64_t multiple = 1;
  std::uint8_t decimals = 0;
  std::uint8_t width = 1;  // bytes of a difference
};

bool is_same(double one, double other) {
  return std::memcmp(&one, &other, sizeof one) == 0;
}

// The number of steps of 10^-decimals; nullopt: the value is not one of them.
std::optional<std::int64_t> whole(double value, std::uint8_t decimals) {
  const double scaled = std::nearbyint(value * tens[decimals]);
  if (!(std::fabs(scaled) <= exact_whole_max)) return std::nullopt;
  const auto count = std::int64_t(scaled);
  if (!is_same(double(count) / tens[decimals], value)) return std::nullopt;
  return count;
}

// nullopt: a value is none of these decimals.
std::optional<std::vector<std::int64_t>> all_whole(const std::vector<double>& numbers,
                                                   std::uint8_t decimals) {
  std::vector<std::int64_t> counts;
  counts.reserve(numbers.size());
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    const auto count = whole(number, decimals);
    if (!count) return std::nullopt;
    counts.push_back(*count);
  }
  return counts;
}

std::int64_t common_multiple(const std::vector<std::int64_t>& counts) {
  for (const std::int64_t multiple : multiples) {
    if (std::all_of(counts.begin(), counts.end(),
                    [multiple](std::int64_t count) { return count % multiple == 0; }))
      return multiple;
  }
  return 1;
}

// nullopt: as doubles they take less, or nothing else keeps them.
std::optional<Steps> steps_of(std::vector<std::int64_t>& counts, std::uint8_t decimals) {
  Steps steps{.decimals = decimals};
  if (counts.empty()) return steps;
  if (decimals == 0) steps.multiple = common_multiple(counts);
  for (std::int64_t& count : counts) {
    count /= steps.multiple;
  }
  const auto [low, high] = std::minmax_element(counts.begin(), counts.end());
  steps.base = *low;
  const auto range = std::uint64_t(*high) - std::uint64_t(*low);
  if (range > std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
  steps.width = range <= 0xFF ? 1 : range <= 0xFFFF ? 2 : 4;
  return steps;
}

void put_number(Bytes& target, std::uint32_t number, std::uint8_t width) {
  if (width == 1) return put_u8(target, std::uint8_t(number));
  if (width == 2) return put_u16(target, std::uint16_t(number));
  put_u32(target, number);
}

template <class Cell>
void put_missing(const std::vector<Cell>& cells, bool (*is_missing)(const Cell&), Bytes& target) {
  const bool any = std::any_of(cells.begin(), cells.end(), is_missing);
  put_u8(target, any ? 1 : 0);
  if (!any) return;
  for (std::size_t row = 0; row < cells.size(); row += 8) {
    std::uint8_t byte = 0;
    for (std::size_t bit = 0; bit < 8 && row + bit < cells.size(); ++bit) {
      if (is_missing(cells[row + bit])) byte |= std::uint8_t(1u << bit);
    }
    put_u8(target, byte);
  }
}

// The bitmap, empty when nothing is missing.
bool take_missing(ByteReader& reader, std::size_t rows, BytesView& bitmap) {
  const std::uint8_t any = reader.u8();
  if (any == 1) bitmap = reader.bytes((rows + 7) / 8);
  return any <= 1 && !reader.failed();
}

bool is_set(BytesView bitmap, std::size_t row) {
  return !bitmap.empty() && (std::uint8_t(bitmap[row / 8]) >> (row % 8) & 1) != 0;
}

void put_steps(const std::vector<double>& numbers, const std::vector<std::int64_t>& counts,
               const Steps& steps, Bytes& target) {
  put_u8(target, std::uint8_t(Form::steps));
  put_missing<double>(numbers, [](const double& number) { return std::isnan(number); }, target);
  put_u8(target, steps.width);
  put_u8(target, steps.decimals);
  put_i64(target, steps.base);
  put_i64(target, steps.multiple);
  auto count = counts.begin();
  for (const double number : numbers) {
    const std::int64_t difference = std::isnan(number) ? 0 : *count++ - steps.base;
    put_number(target, std::uint32_t(difference), steps.width);
  }
}

// Little-endian, as this program runs on nothing else.
template <class Difference>
void take_differences(const char* source, const Steps& steps, std::vector<double>& numbers) {
  const auto base = std::uint64_t(steps.base);
  const auto multiple = std::uint64_t(steps.multiple);
  const double divisor = tens[steps.decimals];
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    Difference difference{};
    std::memcpy(&difference, source + row * sizeof difference, sizeof difference);
    numbers[row] = double(std::int64_t((base + difference) * multiple)) / divisor;
  }
}

bool decode_steps(ByteReader& reader, std::vector<double>& numbers) {
  BytesView missing;
  if (!take_missing(reader, numbers.size(), missing)) return false;
  Steps steps;
  steps.width = reader.u8();
  steps.decimals = reader.u8();
  steps.base = reader.i64();
  steps.multiple = reader.i64();
  const bool is_known =
      (steps.width == 1 || steps.width == 2 || steps.width == 4) && steps.decimals < tens.size();
  if (reader.failed() || !is_known) return false;
  const BytesView differences = reader.bytes(numbers.size() * steps.width);
  if (!reader.complete()) return false;
  switch (steps.width) {
    case 1: take_differences<std::uint8_t>(differences.data(), steps, numbers); break;
    case 2: take_differences<std::uint16_t>(differences.data(), steps, numbers); break;
    default: take_differences<std::uint32_t>(differences.data(), steps, numbers); break;
  }
  if (missing.empty()) return true;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    if (is_set(missing, row)) numbers[row] = not_there;
  }
  return true;
}

bool decode_codes(ByteReader& reader, const Texts& dictionary, Texts& texts) {
  const std::uint8_t width = reader.u8();
  if (width != 1 && width != 2 && width != 4) return false;
  const BytesView codes = reader.bytes(texts.size() * width);
  if (!reader.complete()) return false;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    std::uint32_t code = 0;
    std::memcpy(&code, codes.data() + row * width, width);
    if (code > dictionary.size()) return false;
    texts[row] = code == 0 ? std::string_view{} : dictionary[code - 1];
  }
  return true;
}

// Where each text ends, then all of them.
void put_ends(const Texts& texts, Bytes& target) {
  std::uint32_t end = 0;
  for (const std::string_view text : texts) {
    put_u32(target, end += std::uint32_t(text.size()));
  }
  for (const std::string_view text : texts) {
    target += text;
  }
}

bool take_ends(ByteReader& reader, Texts& texts) {
  const BytesView ends = reader.bytes(texts.size() * sizeof(std::uint32_t));
  const BytesView all = reader.bytes(reader.remaining());
  if (reader.failed()) return false;
  std::uint32_t begin = 0;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    std::uint32_t end = 0;
    std::memcpy(&end, ends.data() + row * sizeof end, sizeof end);
    if (end < begin || end > all.size()) return false;
    texts[row] = {all.data() + begin, end - begin};
    begin = end;
  }
  return begin == all.size();
}

bool decode_plain_texts(ByteReader& reader, Texts& texts) {
  BytesView missing;
  if (!take_missing(reader, texts.size(), missing) || !take_ends(reader, texts)) return false;
  for (std::size_t row = 0; row < texts.size(); ++row) {
    if (!is_set(missing, row)) continue;
    if (!texts[row].empty()) return false;
    texts[row] = {};
  }
  return true;
}

}  // namespace

void encode_numbers(const std::vector<double>& numbers, Bytes& target) {
  for (std::uint8_t decimals = 0; decimals < tens.size(); ++decimals) {
    auto counts = all_whole(numbers, decimals);
    if (!counts) continue;
    const auto steps = steps_of(*counts, decimals);
    if (steps) return put_steps(numbers, *counts, *steps, target);
    break;
  }
  put_u8(target, std::uint8_t(Form::doubles));
  for (const double number : numbers) {
    put_f64(target, std::isnan(number) ? not_there : number);
  }
}

bool decode_numbers(BytesView bytes, std::size_t rows, std::vector<double>& numbers) {
  ByteReader reader{bytes};
  numbers.resize(rows);
  const auto form = Form(reader.u8());
  if (form == Form::steps) return decode_steps(reader, numbers);
  const BytesView doubles = reader.bytes(rows * sizeof(double));
  if (form != Form::doubles || !reader.complete()) return false;
  std::memcpy(numbers.data(), doubles.data(), doubles.size());
  return true;
}

void encode_codes(const std::vector<std::uint32_t>& codes, Bytes& target) {
  std::uint32_t largest = 0;
  for (const std::uint32_t code : codes) {
    largest = std::max(largest, code);
  }
  const std::uint8_t width = largest <= 0xFF ? 1 : largest <= 0xFFFF ? 2 : 4;
  put_u8(target, std::uint8_t(Form::codes));
  put_u8(target, width);
  for (const std::uint32_t code : codes) {
    put_number(target, code, width);
  }
}

void encode_texts(const Texts& texts, Bytes& target) {
  put_u8(target, std::uint8_t(Form::texts));
  put_missing<std::string_view>(
      texts, [](const std::string_view& text) { return text.data() == nullptr; }, target);
  put_ends(texts, target);
}

bool decode_texts(BytesView bytes, std::size_t rows, const Texts& dictionary, Texts& texts) {
  ByteReader reader{bytes};
  texts.resize(rows);
  switch (Form(reader.u8())) {
    case Form::codes: return decode_codes(reader, dictionary, texts);
    case Form::texts: return decode_plain_texts(reader, texts);
    default: return false;
  }
}

void encode_dictionary(const Texts& entries, Bytes& target) {
  put_u32(target, std::uint32_t(entries.size()));
  put_ends(entries, target);
}

bool decode_dictionary(BytesView bytes, Texts& entries) {
  ByteReader reader{bytes};
  const std::uint32_t count = reader.u32();
  if (count > reader.remaining() / sizeof(std::uint32_t)) return false;
  entries.resize(count);
  return take_ends(reader, entries);
}

}  // namespace cauce::datasets::typed
