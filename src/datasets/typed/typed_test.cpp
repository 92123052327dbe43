#include "datasets/typed/typed.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/bytes.h"
#include "columns/memory/memory.h"
#include "datasets/golden.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"
#include "objects/scratch.h"

namespace cauce::datasets::typed {
namespace {

namespace fs = std::filesystem;
namespace memory = columns::memory;
using columns::Cell;
using columns::Step;
using columns::Type;
using columns::Wanted;

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

// All that a scan over everything gives, to the last bit: a line for each block and cell.
Result<std::vector<std::string>> everything(columns::Table& table) {
  std::vector<Wanted> wanted;
  for (std::size_t column = 0; column < table.schema().size(); ++column) {
    wanted.push_back({column, Cell::text});
    if (table.schema()[column].type != Type::text) wanted.push_back({column, Cell::number});
  }
  auto scan = table.scan(wanted);
  if (!scan) return scan.error();
  std::vector<std::string> cells;
  for (columns::Block block;;) {
    const auto step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step == Step::retyped) return everything(table);
    if (*step == Step::end) return cells;
    cells.push_back("rows " + std::to_string(block.rows));
    for (std::size_t lane = 0; lane < wanted.size(); ++lane) {
      for (std::size_t row = 0; row < block.rows; ++row) {
        if (wanted[lane].as == Cell::text) {
          const std::string_view text = block.lanes[lane].texts[row];
          cells.push_back(text.data() == nullptr ? "missing" : '=' + std::string(text));
          continue;
        }
        std::uint64_t bits = 0;
        const double number = block.lanes[lane].numbers[row];
        std::memcpy(&bits, &number, sizeof bits);
        cells.push_back(std::isnan(number) ? "missing" : std::to_string(bits));
      }
    }
  }
}

struct Typed {
  objects::Scratch scratch;
  fs::path file = scratch.path / "columns";
  std::size_t opened_written = 0;

  std::uint64_t write(columns::Table& table, const Limits& limits = {}) {
    const std::vector<std::uint64_t> distinct(table.schema().size(), 1);
    return must(typed::write(table, distinct, file, limits));
  }
  // Forms that are not kept come from `written`.
  Result<std::unique_ptr<columns::Table>> open(columns::memory::MemoryTable* written = nullptr) {
    return typed::open(file, [this, written]() -> Result<std::unique_ptr<columns::Table>> {
      ++opened_written;
      if (written == nullptr) return Error{Outcome::not_found, "the file is gone"};
      return std::unique_ptr<columns::Table>{std::make_unique<Borrowed>(*written)};
    });
  }

 private:
  class Borrowed final : public columns::Table {
   public:
    explicit Borrowed(columns::Table& table) : table_(table) {}
    const columns::Schema& schema() const override { return table_.schema(); }
    Result<std::unique_ptr<columns::Scan>> scan(std::vector<Wanted> wanted) override {
      return table_.scan(std::move(wanted));
    }

   private:
    columns::Table& table_;
  };
};

constexpr double none = memory::missing;

memory::Options in_blocks(std::size_t rows) {
  memory::Options options;
  options.block_rows = rows;
  return options;
}

memory::MemoryTable every_kind() {
  std::vector<memory::Cells> cells;
  cells.push_back(memory::number_cells(
      "doubles", {0.1, -0.0, 1e300, 5e-324, none, 1.0 / 3, -7.25, 9007199254740993.0}));
  cells.push_back(memory::number_cells("cents", {0.01, 19.99, none, -3.5, 100, 0.29, 2.3, 1e6}));
  cells.push_back(
      memory::written_number_cells("forms", {"8", "8.0", "", "08.00", "9", "9e0", "8", "-8"}));
  cells.push_back(memory::text_cells("name", {"a", "b", "", "a", "ñandú", "\"", "a\nb", "b"}));
  cells.push_back(memory::time_cells(
      "day", Type::date, {0, 86'400'000'000, none, -86'400'000'000, 0, 0, 0, 172'800'000'000},
      {"1970-01-01", "1970-01-02", "", "1969-12-31", "1970-01-01", "1970-01-01", "1970-01-01",
       "1970-01-03"}));
  cells.push_back(
      memory::boolean_cells("yes", {true, false, true, true, false, false, true, true}));
  cells.push_back(memory::number_cells("nothing", std::vector<double>(8, none)));
  return memory::MemoryTable{std::move(cells), in_blocks(3)};
}

Bytes content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("typed columns give back every cell, bit by bit, in the same blocks") {
  memory::MemoryTable table = every_kind();
  Typed typed;
  const std::uint64_t bytes = typed.write(table);
  CHECK(bytes == fs::file_size(typed.file));
  const auto opened = must(typed.open());
  CHECK(opened->schema() == table.schema());
  CHECK(must(everything(*opened)) == must(everything(table)));
  CHECK(typed.opened_written == 0);
}

TEST_CASE("typed columns are written as the golden file and read back from it") {
  std::ifstream file{GOLDEN_DIRECTORY "/columns.hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes golden;
  REQUIRE(from_hex(line, golden));
  memory::MemoryTable table = every_kind();
  Typed typed;
  typed.write(table);
  CHECK(to_hex(content_of(typed.file)) == to_hex(golden));
  std::ofstream(typed.file, std::ios::binary) << golden;
  CHECK(must(everything(*must(typed.open()))) == must(everything(table)));
}

TEST_CASE("typed columns of every golden file are the file") {
  const fs::path folder = golden_charts();
  if (!fs::is_directory(folder)) return;
  std::size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    auto table = open_table(entry.path());
    if (!table) continue;
    const auto summary = summarize(**table, 0);
    if (!summary) continue;
    CAPTURE(entry.path().string());
    std::vector<std::uint64_t> distinct;
    for (const ColumnSummary& column : summary->columns) {
      distinct.push_back(column.distinct);
    }
    Typed typed;
    must(write(**table, distinct, typed.file));
    const auto opened = must(open(typed.file, [&]() -> Result<std::unique_ptr<columns::Table>> {
      auto again = open_table(entry.path());
      if (!again) return again.error();
      return std::unique_ptr<columns::Table>{std::move(*again)};
    }));
    CHECK(opened->schema() == (*table)->schema());
    CHECK(must(everything(*opened)) == must(everything(**table)));
    ++files;
  }
  CHECK(files >= 15);
}

TEST_CASE("numbers of more forms than are kept are named from the file, and numbers as before") {
  std::vector<std::string> forms;
  for (int number = 0; number < 40; ++number) {
    forms.push_back(std::to_string(number) + ".0");
  }
  for (const std::size_t forms_max : {std::size_t{40}, std::size_t{39}}) {
    CAPTURE(forms_max);
    memory::MemoryTable table{{memory::written_number_cells("x", forms)}, in_blocks(8)};
    Typed typed;
    typed.write(table, {.forms_max = forms_max});
    const auto opened = must(typed.open(&table));
    CHECK(must(everything(*opened)) == must(everything(table)));
    CHECK(typed.opened_written == (forms_max == 40 ? 0 : 1));
  }
}

TEST_CASE("texts beyond the room for dictionaries are kept one by one") {
  std::vector<std::string> names;
  for (int number = 0; number < 60; ++number) {
    names.push_back(number % 7 == 0 ? "" : "name " + std::to_string(number));
  }
  for (const std::size_t bytes_max : {0, 500, 3'000, 1 << 20}) {
    CAPTURE(bytes_max);
    memory::MemoryTable table{{memory::text_cells("n", names)}, in_blocks(10)};
    Typed typed;
    typed.write(table, {.dictionary_bytes_max = bytes_max});
    const auto opened = must(typed.open());
    CHECK(must(everything(*opened)) == must(everything(table)));
  }
}

TEST_CASE("a table without rows is kept as such") {
  memory::MemoryTable table{{memory::number_cells("x", {}), memory::text_cells("n", {})}};
  Typed typed;
  typed.write(table);
  const auto opened = must(typed.open());
  CHECK(opened->schema() == table.schema());
  CHECK(must(everything(*opened)).empty());
}

TEST_CASE("no changed byte is taken for a value") {
  memory::MemoryTable table = every_kind();
  Typed typed;
  typed.write(table);
  const auto good = must(everything(table));
  const Bytes bytes = content_of(typed.file);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    Bytes changed = bytes;
    changed[at] = char(changed[at] ^ 0x10);
    std::ofstream(typed.file, std::ios::binary) << changed;
    const auto opened = typed.open();
    const auto cells =
        opened ? everything(**opened) : Result<std::vector<std::string>>(opened.error());
    REQUIRE_FALSE(cells);
    CHECK(cells.error().outcome == Outcome::corrupt);
  }
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    std::ofstream(typed.file, std::ios::binary) << bytes.substr(0, length);
    CHECK_FALSE(typed.open());
  }
}

TEST_CASE("numbers take as few bytes as their steps") {
  const auto bytes_of = [](const std::vector<double>& numbers) {
    memory::MemoryTable table{{memory::number_cells("x", numbers)}};
    Typed typed;
    return typed.write(table, {.forms_max = 0});
  };
  const auto many = [](double step, double first) {
    std::vector<double> numbers;
    for (int number = 0; number < 10'000; ++number) {
      numbers.push_back(std::round((first + number % 200 * step) * 100) / 100);
    }
    return numbers;
  };
  const std::uint64_t small = bytes_of(many(1, 1000));
  CHECK(small < 10'000 + 300);
  CHECK(bytes_of(many(0.01, 20)) == small);
  CHECK(bytes_of(many(300, 0)) < 20'000 + 300);
  std::vector<double> thirds = many(1, 0);
  for (double& number : thirds) {
    number /= 3;
  }
  CHECK(bytes_of(thirds) > 80'000);
}

}  // namespace cauce::datasets::typed
