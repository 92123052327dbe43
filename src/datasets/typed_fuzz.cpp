// Any bytes as parts of a file of typed columns, behind the checksums, and any numbers and texts
// through them and back. The first byte chooses the part, the second the number of rows.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "datasets/typed/chunk.h"
#include "datasets/typed/layout.h"

namespace cauce::datasets::typed {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// What is accepted as a footer is written as the same bytes.
void read_footer(BytesView bytes) {
  constexpr std::uint64_t file_bytes = 1u << 20;
  const auto footer = footer_from_bytes(bytes, file_bytes);
  if (!footer) return;
  require(to_bytes(*footer) == bytes);
}

void read_chunk(BytesView bytes, std::size_t rows) {
  std::vector<double> numbers;
  if (decode_numbers(bytes, rows, numbers)) require(numbers.size() == rows);
  Texts entries;
  const bool has_dictionary = decode_dictionary(bytes, entries);
  Texts texts;
  const Texts few{"a", "b"};
  if (!decode_texts(bytes, rows, has_dictionary ? entries : few, texts)) return;
  std::size_t letters = 0;
  for (const std::string_view text : texts) {
    for (const char letter : text) {
      letters += letter != 0 ? 1 : 0;
    }
  }
  require(letters <= bytes.size() * (rows + 1));
}

void keep_numbers(BytesView bytes) {
  std::vector<double> numbers(bytes.size() / sizeof(double));
  if (numbers.empty()) return;
  std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(double));
  Bytes chunk;
  encode_numbers(numbers, chunk);
  std::vector<double> found;
  require(decode_numbers(chunk, numbers.size(), found));
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    const bool both_missing = numbers[row] != numbers[row] && found[row] != found[row];
    require(both_missing || std::memcmp(&numbers[row], &found[row], sizeof(double)) == 0);
  }
}

void keep_small_numbers(BytesView bytes, std::size_t digits) {
  std::vector<double> numbers;
  for (const char byte : bytes) {
    numbers.push_back(double(std::int8_t(byte)) / double(digits + 1));
  }
  Bytes doubles(numbers.size() * sizeof(double), '\0');
  if (!numbers.empty()) std::memcpy(doubles.data(), numbers.data(), doubles.size());
  keep_numbers(doubles);
}

// Texts end where the bytes hold a line feed; what is empty is missing.
void keep_texts(BytesView bytes) {
  Texts texts;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    texts.push_back(end == 0 ? std::string_view{} : bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  Bytes chunk;
  encode_texts(texts, chunk);
  Texts found;
  require(decode_texts(chunk, texts.size(), {}, found));
  for (std::size_t row = 0; row < texts.size(); ++row) {
    require(found[row] == texts[row]);
    require((found[row].data() == nullptr) == (texts[row].data() == nullptr));
  }
}

}  // namespace
}  // namespace cauce::datasets::typed

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cauce::datasets::typed;
  if (size < 2) return 0;
  const std::size_t rows = data[1];
  const cauce::BytesView bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  switch (data[0] % 5) {
    case 0: read_footer(bytes); break;
    case 1: read_chunk(bytes, rows); break;
    case 2: keep_numbers(bytes); break;
    case 3: keep_small_numbers(bytes, rows); break;
    default: keep_texts(bytes); break;
  }
  return 0;
}
