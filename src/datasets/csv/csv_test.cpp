#include "datasets/csv/csv.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "datasets/golden.h"

namespace cauce::datasets::csv {

namespace {

using columns::Cell;
using columns::Step;
using columns::Type;
using Texts = std::vector<std::string>;
using nlohmann::json;

// A table over a text that the test holds.
Result<std::unique_ptr<FileTable>> open_text(std::string text, const CsvOptions& options = {},
                                             Report* failure = nullptr) {
  const auto held = std::make_shared<std::string>(std::move(text));
  struct Held final : ByteSource {
    explicit Held(std::shared_ptr<std::string> bytes)
        : bytes_(std::move(bytes)), source_(source_of(*bytes_)) {}
    Result<std::size_t> read(char* target, std::size_t bytes_max) override {
      return source_->read(target, bytes_max);
    }
    std::shared_ptr<std::string> bytes_;
    std::unique_ptr<ByteSource> source_;
  };
  return open_csv(
      [held]() -> Result<std::unique_ptr<ByteSource>> {
        return std::unique_ptr<ByteSource>(std::make_unique<Held>(held));
      },
      options, failure);
}

struct Content {
  std::vector<Texts> texts;                  // by row; "∅" where missing
  std::vector<std::vector<double>> numbers;  // by column; empty for text
  int passes = 0;
};

// Every column as text, and as number where it is one.
Result<Content> read_all(FileTable& table) {
  Content content;
  for (;;) {
    content = {{}, {}, content.passes + 1};
    content.numbers.resize(table.schema().size());
    std::vector<columns::Wanted> wanted;
    for (std::size_t column = 0; column < table.schema().size(); ++column) {
      wanted.push_back({column, Cell::text});
    }
    for (std::size_t column = 0; column < table.schema().size(); ++column) {
      if (table.schema()[column].type != Type::text) wanted.push_back({column, Cell::number});
    }
    Result<std::unique_ptr<columns::Scan>> scan = table.scan(wanted);
    if (!scan) return scan.error();
    Step last = Step::rows;
    for (columns::Block block; last == Step::rows;) {
      const Result<Step> step = (*scan)->next(block);
      if (!step) return step.error();
      last = *step;
      if (last != Step::rows) break;
      for (std::size_t row = 0; row < block.rows; ++row) {
        Texts texts;
        for (std::size_t column = 0; column < table.schema().size(); ++column) {
          const std::string_view text = block.lanes[column].texts[row];
          texts.push_back(text.data() == nullptr ? "∅" : std::string(text));
        }
        content.texts.push_back(texts);
        for (std::size_t lane = table.schema().size(); lane < wanted.size(); ++lane) {
          content.numbers[wanted[lane].column].push_back(block.lanes[lane].numbers[row]);
        }
      }
    }
    if (last == Step::end) return content;
    REQUIRE(content.passes < 4);
  }
}

Content content_of(std::string text, const CsvOptions& options = {}) {
  Result<std::unique_ptr<FileTable>> table = open_text(std::move(text), options);
  REQUIRE(table);
  Result<Content> content = read_all(**table);
  if (!content) FAIL(content.error().message);
  return *content;
}

// What is said about a file that cannot be read; the report tells where.
std::string refusal_of(std::string text, Fault& fault, const CsvOptions& options = {}) {
  Report failure;
  Result<std::unique_ptr<FileTable>> table = open_text(std::move(text), options, &failure);
  if (!table) {
    if (!failure.faults.empty()) fault = failure.faults[0];
    return table.error().message;
  }
  const Result<Content> content = read_all(**table);
  REQUIRE(!content);
  REQUIRE(!(*table)->report().faults.empty());
  fault = (*table)->report().faults[0];
  return content.error().message;
}

std::string refusal_of(std::string text) {
  Fault fault;
  return refusal_of(std::move(text), fault);
}

Type type_of(std::string text, std::size_t column = 0) {
  Result<std::unique_ptr<FileTable>> table = open_text(std::move(text));
  REQUIRE(table);
  const Result<Content> content = read_all(**table);
  if (!content) FAIL(content.error().message);
  return (*table)->schema()[column].type;
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void check_columns(const FileTable& table, const json& expected) {
  for (std::size_t column = 0; column < table.schema().size(); ++column) {
    CHECK(table.schema()[column].name == expected["columns"][column].get<std::string>());
    if (expected.contains("types")) {
      CHECK(name_of(table.schema()[column].type) == expected["types"][column].get<std::string>());
    }
  }
}

void check_rows(const Content& content, const json& expected) {
  REQUIRE(content.texts.size() == expected.size());
  for (std::size_t row = 0; row < expected.size(); ++row) {
    for (std::size_t column = 0; column < expected[row].size(); ++column) {
      const json& cell = expected[row][column];
      if (cell.is_string()) CHECK(content.texts[row][column] == cell.get<std::string>());
      if (cell.is_number()) CHECK(content.numbers[column][row] == cell.get<double>());
    }
  }
}

TEST_CASE("the awkward files are read as a careful reader reads them") {
  const std::filesystem::path folder = golden_charts() / "csv_edge";
  if (!std::filesystem::exists(folder)) {
    MESSAGE("skipped: there is no ", folder.string());
    return;
  }
  const json cases = json::parse(read_file(folder / "expected.json"));
  CHECK(cases.size() == 17);
  for (const auto& [name, answers] : cases.items()) {
    CAPTURE(name);
    const json& expected = answers["expected"];
    const std::string text = read_file(folder / (name + ".csv"));
    if (expected.contains("error")) {
      CHECK(refusal_of(text) == expected["error"].get<std::string>());
      continue;
    }
    Result<std::unique_ptr<FileTable>> table = open_text(text);
    if (!table) FAIL(table.error().message);
    const Result<Content> content = read_all(**table);
    REQUIRE(content);
    REQUIRE((*table)->schema().size() == expected["columns"].size());
    check_columns(**table, expected);
    if (expected.contains("rows")) check_rows(*content, expected["rows"]);
    if (expected.contains("nrows")) {
      CHECK(content->texts.size() == expected["nrows"].get<std::size_t>());
    }
    const Report& report = (*table)->report();
    if (expected.contains("decimal"))
      CHECK(report.decimal == expected["decimal"].get<std::string>());
    if (name == "latin1") CHECK(report.encoding == "windows-1252");
    if (expected.contains("missing")) {
      for (std::size_t column = 0; column < 2; ++column) {
        std::uint64_t missing = 0;
        for (const Texts& row : content->texts)
          missing += row[column] == "∅" ? 1 : 0;
        CHECK(missing - report.dashes[column] ==
              expected["missing"][(*table)->schema()[column].name].get<std::uint64_t>());
      }
      CHECK(report.notes == Texts{"column a: 1 cell holds \"-\" and was read as missing"});
    }
  }
}

TEST_CASE("line ends are LF, CRLF or CR, and the last one may be missing") {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    CAPTURE(end);
    CHECK(content_of("a,b" + end + "1,x" + end + "2,y").texts ==
          std::vector<Texts>{{"1", "x"}, {"2", "y"}});
    CHECK(content_of("a,b" + end + "1,x" + end + "2,y" + end).texts.size() == 2);
  }
}

TEST_CASE("a line is counted as an editor counts it") {
  Fault fault;
  CHECK(refusal_of("a,b\r\n1,\"x\r\ny\r\nz\"\r\n\r\n2\r\n", fault) ==
        "row 2 (line 6) has 1 field, expected 2");
  CHECK(fault.line == 6);
}

std::string numbers_with(std::size_t count, std::size_t wrong_row, const std::string& wrong) {
  std::string text = "id,v\n";
  for (std::size_t row = 0; row < count; ++row) {
    text +=
        std::to_string(row) + "," + (row == wrong_row ? wrong : std::to_string(row) + ".5") + "\n";
  }
  return text;
}

TEST_CASE("a wrong cell is named by line, column and value wherever it stands") {
  for (const std::size_t row : {0, 5, 99'999, 100'000, 199'999}) {
    Fault fault;
    const std::string message = refusal_of(numbers_with(200'000, row, "abc"), fault);
    CHECK(message == "line " + std::to_string(row + 2) +
                         ", column v: \"abc\" is not a number, as the rest of the column is; mark "
                         "it as missing, or read the column as text");
    CHECK(fault.line == row + 2);
    CHECK(fault.column == "v");
    CHECK(fault.value == "abc");
  }
}

TEST_CASE("a column that turns to text late is retyped") {
  std::string text = numbers_with(100'000, 0, "1");
  for (int row = 0; row < 20'000; ++row)
    text += "1,word\n";
  const Content content = content_of(text);
  CHECK(content.passes == 2);
  CHECK(content.texts[119'999][1] == "word");
  CHECK(content.texts[1][1] == "1.5");
}

// As in a list of postal codes: the beginning is text, most of the file looks like numbers.
TEST_CASE("codes of which only the first ones begin with a zero stay text beside numbers") {
  std::string text = "code,latitude\n";
  for (int row = 0; row < 200'000; ++row)
    text += fmt::format("{:05},1.5\n", row / 2);
  const Content content = content_of(text);
  CHECK(content.texts[2][0] == "00001");
  CHECK(content.texts[199'999][0] == "99999");
  CHECK(content.numbers[0].empty());
  CHECK(content.numbers[1][199'999] == 1.5);
}

TEST_CASE("types do not depend on the order of the rows") {
  std::string words;
  std::string numbers;
  for (int row = 0; row < 20'000; ++row)
    words += "word,1\n";
  for (int row = 0; row < 300'000; ++row)
    numbers += "12,1\n";
  Fault first;
  Fault last;
  refusal_of("a,b\n" + words + numbers, first);
  refusal_of("a,b\n" + numbers + words, last);
  CHECK(first.line == 2);
  CHECK(last.line == 300'002);
}

TEST_CASE("what the caller names as missing or as text is taken so") {
  CsvOptions options;
  options.missing_words = {"abc"};
  CHECK(std::isnan(content_of(numbers_with(100, 50, "abc"), options).numbers[1][50]));
  options = {};
  options.text_columns = {"v"};
  CHECK(content_of(numbers_with(100, 50, "abc"), options).texts[50][1] == "abc");
}

TEST_CASE("codes with leading zeros stay text, numbers with a zero before the point do not") {
  CHECK(type_of("zip\n02134\n90210\n") == Type::text);
  CHECK(type_of("agent\n007\n") == Type::text);
  CHECK(type_of("v\n0\n0.5\n-0.5\n0.0\n") == Type::number);
  // One code among numbers is enough: as a number it would lose its zeros.
  std::string text = "code,n\n";
  for (int row = 1000; row < 3000; ++row)
    text += fmt::format("{},1\n", row);
  CHECK(content_of(text + "0501,1\n").texts[2000][0] == "0501");
  CHECK(content_of(text + "0501,1\n").numbers[0].empty());
}

TEST_CASE("dates are as they are written") {
  CHECK(type_of("d\n2024-02-29\n2024-12-31\n") == Type::date);
  CHECK(type_of("d\n2023-02-29\n") == Type::text);
  CHECK(type_of("d\n2024-02-29 10:00\n2024-02-29T10:00:01.5Z\n2024-02-29 10:00+02:00\n") ==
        Type::datetime);
  CHECK(content_of("d\n29/02/2024\n01/03/2024\n").numbers[0] ==
        content_of("d\n2024-02-29\n2024-03-01\n").numbers[0]);
  CHECK(content_of("d\n02/29/2024\n03/01/2024\n").numbers[0] ==
        content_of("d\n2024-02-29\n2024-03-01\n").numbers[0]);
  CHECK(type_of("d\n01/02/2024\n03/04/2024\n") == Type::text);
  CHECK(type_of("flag\ntrue\nFALSE\n\n") == Type::boolean);
}

TEST_CASE("both kinds of decimal sign are read, by column") {
  CHECK(content_of("a;b\n1.234,5;1,5\n7;2\n").numbers[0] == std::vector<double>{1234.5, 7});
  CHECK(content_of("a;b\n1,500;x\n2,250;x\n").numbers[0] == std::vector<double>{1.5, 2.25});
  CHECK(content_of("a,b\n\"1,234\",1.5\n\"2,500\",2.5\n").numbers[0] ==
        std::vector<double>{1234, 2500});
  CHECK(content_of("a,b\n\"1,23\",1.5\n\"2,5\",2.5\n").numbers[0] ==
        std::vector<double>{1.23, 2.5});
}

TEST_CASE("whole numbers that a double cannot hold are read and reported") {
  Result<std::unique_ptr<FileTable>> table =
      open_text("id\n9007199254740992\n9007199254740993\n9223372036854775808\n");
  REQUIRE(table);
  REQUIRE(read_all(**table));
  CHECK((*table)->schema()[0].type == Type::number);
  CHECK((*table)->report().notes ==
        Texts{"column id: 2 of its whole numbers are beyond 2^53 and are rounded; read them as "
              "text if they are identifiers"});
}

TEST_CASE("numbers in quotes are numbers") {
  CHECK(content_of("a,b\n\"1.5\",\"x\"\n\"-2\",\"y\"\n\"\",\"z\"\n\"3\"\"\",\"z\"\n").texts[3][0] ==
        "3\"");
  const Content content = content_of("a,b\n\"1.5\",\"x\"\n\"-2\",\"y\"\n\" 7 \",\"z\"\n");
  CHECK(content.numbers[0] == std::vector<double>{1.5, -2, 7});
}

TEST_CASE("UTF-16 is read with and without a mark") {
  const auto widened = [](std::string_view text, bool big) {
    std::string wide;
    for (const char letter : text) {
      wide += big ? std::string{'\0', letter} : std::string{letter, '\0'};
    }
    return wide;
  };
  const std::string text = "a,b\n1,x\n2,y\n";
  for (const bool big : {false, true}) {
    const std::string mark = big ? "\xFE\xFF" : "\xFF\xFE";
    CHECK(content_of(mark + widened(text, big)).texts == content_of(text).texts);
    CHECK(content_of(widened(text, big)).texts == content_of(text).texts);
  }
}

TEST_CASE("an encoding that shows late begins the table anew") {
  const Content content = content_of(numbers_with(100'000, 0, "1") + "1,2\n" + "\n");
  CHECK(content.passes == 1);
  std::string text = "id,ville\n";
  for (int row = 0; row < 100'000; ++row)
    text += "1,Paris\n";
  text +=
      "2,Orl\xE9"
      "ans\n";
  CHECK(content_of(text).texts[100'000][1] == "Orléans");
  Fault fault;
  CHECK(refusal_of("id,ville\n1,Orléans\n" + text.substr(9), fault) ==
        "line 100003 holds the byte 0xE9, which is not UTF-8, though text before it is; save the "
        "file as UTF-8");
  CHECK(fault.line == 100'003);
}

TEST_CASE("quotes that make no sense are refused with the line where they open") {
  CHECK(refusal_of("a,b\n1,\"x\"y\n") ==
        "the quote opened on line 2 is closed on line 2, but the field goes on behind it; a quote "
        "inside quotes is doubled");
  CHECK(content_of("a,b\n1,5\" pipe\n").texts[0][1] == "5\" pipe");
  CHECK(content_of("a,b\n1, \"x, y\" \n").texts[0][1] == "x, y");
  CHECK(content_of("a,b\n1,\"\"\"\"\n").texts[0][1] == "\"");
}

TEST_CASE("limits hold at their maximum and refuse one past it") {
  CsvOptions options;
  options.rows = {
      .window_bytes = 64, .cell_bytes_max = 100, .row_bytes_max = 256, .columns_max = 3};
  options.name_bytes_max = 10;
  Fault fault;
  CHECK(content_of("a,b\n1," + std::string(100, 'x') + "\n", options).texts[0][1].size() == 100);
  CHECK(refusal_of("a,b\n1," + std::string(101, 'x') + "\n", fault, options) ==
        "the cell in column 2 that begins on line 2 is longer than 100 bytes, the limit of a cell");
  CHECK(content_of("a,b,c\n1,2,3\n", options).texts.size() == 1);
  CHECK(refusal_of("a,b,c,d\n1,2,3,4\n", fault, options) ==
        "the header on line 1 has more than 3 columns, the limit");
  CHECK(content_of("abcdefghij,b\n1,2\n", options).texts.size() == 1);
  CHECK(refusal_of("abcdefghijk,b\n1,2\n", fault, options) ==
        "the name of column 1 has 11 bytes, the limit is 10; is the first row a header?");
  CHECK(refusal_of("a,b\n1," + std::string(1000, 'x') + "\n", fault, options) ==
        "the row on line 2 is longer than 256 bytes, the limit of a row");
  CHECK(refusal_of("a,b\n1,2\n1,\"" + std::string(150, 'x'), fault, options) ==
        "the quote opened on line 3 is still open after 100 bytes, the limit of a cell");
  CHECK(refusal_of(std::string("a,b\n1,\0\n", 8), fault, options) ==
        "line 2 holds a NUL byte; this is not a text file, or it is damaged");
}

}  // namespace

}  // namespace cauce::datasets::csv
