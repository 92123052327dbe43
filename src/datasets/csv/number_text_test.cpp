#include "datasets/csv/number_text.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

#include "datasets/csv/plain_numbers.h"

namespace cauce::datasets::csv {

namespace {

// The plain reader by vectors and by words: whether it takes the text, both alike. Only the second
// takes 17 bytes.
bool reads_plainly(const std::string& text, double& value) {
  const std::string padded = std::string(16, '7') + text + std::string(17, '7');
  const std::uint32_t begin = 16;
  const auto end = std::uint32_t(begin + text.size());
  const ColumnCells cells{padded.data(), &begin, 1, 0, &end, 1};
  double by_words = 0;
  const bool plain = read_plain_numbers(cells, 0, 1, '.', &value) == 1;
  const bool plain_words = read_plain_numbers_baseline(cells, 0, 1, '.', &by_words) == 1;
  CHECK((plain_words == plain || text.size() >= 17));
  if (plain) CHECK(std::bit_cast<std::uint64_t>(by_words) == std::bit_cast<std::uint64_t>(value));
  value = by_words;
  return plain_words;
}

// All readers, which must agree with each other and with the C library to the last bit.
void check_exact(const std::string& text) {
  CAPTURE(text);
  const double expected = std::strtod(text.c_str(), nullptr);
  double value = 0;
  REQUIRE(read_number(text, Decimal::point, value) == NumberText::number);
  CHECK(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(expected));
  if (reads_plainly(text, value)) {
    CHECK(std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(expected));
  }
}

TEST_CASE("numbers are read to the nearest double") {
  std::mt19937_64 random{1};
  for (int round = 0; round < 50'000; ++round) {
    const double value = std::bit_cast<double>(random());
    if (!(value - value == 0)) continue;
    check_exact(fmt::format("{}", value));
    check_exact(fmt::format("{:.{}f}", double(std::int64_t(random() >> (random() % 64))) / 1e6,
                            random() % 7));
    check_exact(fmt::format("{:.17g}", double(random()) / 1e15));
    check_exact(std::to_string(random() >> (random() % 64)));
  }
  for (const char* text : {"0",
                           "-0",
                           "0.0",
                           "-0.0",
                           "9007199254740993",
                           "9007199254740992",
                           "9007199254740991.5",
                           "9223372036854775807",
                           "9223372036854775808",
                           "1e22",
                           "1e23",
                           "1e-400",
                           "-1e-400",
                           "0.30000000000000004",
                           "1.7976931348623157e308",
                           "5e-324",
                           "2.4703282292062327e-324",
                           "123456789012345678901234567890",
                           "5.",
                           ".5",
                           "1E5",
                           "1e+5",
                           "1e-5"}) {
    check_exact(text);
  }
}

TEST_CASE("what is not a number is not taken for one, quickly or slowly") {
  for (const std::string text :
       {"-",        "+",    ".",         "-.",    "e5",    "1e",     "1e+",
        "1.2.3",    "1-2",  "12a",       "a12",   "0x10",  "inf",    "nan",
        "infinity", "--1",  "+-1",       "1 2",   "1e400", "-1e400", "1,23",
        "1,2345",   ",123", "12,34,567", "1e5.5", "1/2",   "12:30",  "1234567890123456789012a",
        "00.5",     "01e5", "0,123"}) {
    CAPTURE(text);
    double value = 0;
    CHECK(read_number(text, Decimal::point, value) == NumberText::other);
    CHECK(!reads_plainly(text, value));
  }
}

TEST_CASE("leading zeros make a code of a whole number") {
  double value = 0;
  for (const char* text : {"007", "00", "-07", "0123", "00000000000000000001"}) {
    CAPTURE(text);
    CHECK(read_number(text, Decimal::point, value) == NumberText::code);
    CHECK(!reads_plainly(text, value));
  }
}

TEST_CASE("thousands are grouped by three with the sign that is not the decimal one") {
  double value = 0;
  CHECK(read_number("1,234", Decimal::point, value) == NumberText::number);
  CHECK(value == 1234);
  CHECK(read_number("-2,500,000.25", Decimal::point, value) == NumberText::number);
  CHECK(value == -2500000.25);
  CHECK(read_number("1.234,5", Decimal::comma, value) == NumberText::number);
  CHECK(value == 1234.5);
  CHECK(read_number("0,5", Decimal::comma, value) == NumberText::number);
  CHECK(value == 0.5);
  CHECK(read_number("1.5", Decimal::comma, value) == NumberText::other);
  CHECK(is_ambiguous_number("1,234"));
  CHECK(is_ambiguous_number("1.234"));
  CHECK(!is_ambiguous_number("1.5"));
  CHECK(!is_ambiguous_number("12"));
}

}  // namespace

}  // namespace cauce::datasets::csv
