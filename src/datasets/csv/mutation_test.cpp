// A valid CSV with one cell, one row or one quote spoiled, anywhere in it: what is answered must
// name the line, the column and the value.
#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <random>

#include "datasets/csv/csv.h"

namespace cauce::datasets::csv {

namespace {

constexpr std::size_t column_count = 4;
constexpr std::size_t small_rows = 3'000;
constexpr std::uint64_t middle_rows = 100'000;
constexpr std::size_t large_rows = 1'100'000;

struct Mutation {
  std::uint64_t row = 0;  // counted from 0, behind the header
  std::size_t column = 0;
  std::string cell;
};

// Rows that are made while they are read; one cell of them is another one.
class MutatedRows final : public ByteSource {
 public:
  MutatedRows(std::uint64_t rows, Mutation mutation)
      : rows_(rows), mutation_(std::move(mutation)), text_("n,x,d,t\n") {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    if (given_ == text_.size()) {
      text_.clear();
      given_ = 0;
      for (; row_ < rows_ && text_.size() < 60'000; ++row_)
        append_row();
    }
    const std::size_t bytes = std::min(bytes_max, text_.size() - given_);
    std::memcpy(target, text_.data() + given_, bytes);
    given_ += bytes;
    return bytes;
  }

 private:
  void append_row() {
    if (row_ != mutation_.row) {
      fmt::format_to(std::back_inserter(text_), "{},{}.25,2024-02-{:02},x{}\n", row_, row_ % 1000,
                     row_ % 29 + 1, row_ % 7);
      return;
    }
    for (std::size_t column = 0; column < column_count; ++column) {
      const std::string cell = column == mutation_.column ? mutation_.cell
                               : column == 2              ? "2024-02-29"
                                                          : "1";
      text_ += cell + (column + 1 < column_count ? "," : "\n");
    }
  }

  const std::uint64_t rows_;
  const Mutation mutation_;
  std::uint64_t row_ = 0;
  std::string text_;
  std::size_t given_ = 0;
};

struct Answer {
  std::string message;
  Fault fault;
};

// What a scan over all columns answers; the message is empty when nothing is wrong.
Answer answer_to(std::uint64_t rows, const Mutation& mutation) {
  const auto open = [rows, mutation]() -> Result<std::unique_ptr<ByteSource>> {
    return std::unique_ptr<ByteSource>(std::make_unique<MutatedRows>(rows, mutation));
  };
  Report failure;
  const Result<std::unique_ptr<FileTable>> table = open_csv(open, {}, &failure);
  if (!table) {
    REQUIRE(failure.faults.size() == 1);
    return {table.error().message, failure.faults[0]};
  }
  const Result<std::unique_ptr<columns::Scan>> scan = (*table)->scan({{0, columns::Cell::number},
                                                                      {1, columns::Cell::number},
                                                                      {2, columns::Cell::number},
                                                                      {3, columns::Cell::text}});
  REQUIRE(scan);
  std::uint64_t seen = 0;
  for (columns::Block block;;) {
    const Result<columns::Step> step = (*scan)->next(block);
    if (!step) {
      REQUIRE((*table)->report().faults.size() == 1);
      return {step.error().message, (*table)->report().faults[0]};
    }
    REQUIRE(*step != columns::Step::retyped);
    if (*step == columns::Step::end) break;
    seen += block.rows;
  }
  CHECK(seen == rows);
  return {};
}

void check_mutation(std::uint64_t rows, const Mutation& mutation) {
  CAPTURE(mutation.row);
  CAPTURE(mutation.column);
  CAPTURE(mutation.cell);
  const std::string names[column_count] = {"n", "x", "d", "t"};
  const Answer answer = answer_to(rows, mutation);
  CHECK(answer.fault.line == mutation.row + 2);
  if (mutation.cell == "1,2") {
    CHECK(answer.message == fmt::format("row {} (line {}) has 5 fields, expected 4",
                                        mutation.row + 1, mutation.row + 2));
  } else if (mutation.cell == "\"") {
    CHECK(answer.message.find(fmt::format("line {}", mutation.row + 2)) != std::string::npos);
  } else {
    CHECK(answer.fault.column == names[mutation.column]);
    CHECK(answer.fault.value == mutation.cell);
    CHECK(answer.message.starts_with(fmt::format("line {}, column {}: \"{}\" is not",
                                                 mutation.row + 2, names[mutation.column],
                                                 mutation.cell)));
  }
}

TEST_CASE("a spoiled cell anywhere in a small file is named") {
  const std::string wrong[] = {"abc", "1.2.3", "12x", "2024-02-30", "1 2", "1e999", "true", "--5"};
  std::mt19937_64 random{7};
  for (int round = 0; round < 200; ++round) {
    check_mutation(small_rows, {random() % small_rows, random() % 3, wrong[random() % 8]});
  }
  for (int round = 0; round < 50; ++round) {
    check_mutation(small_rows, {random() % small_rows, random() % column_count, "1,2"});
    check_mutation(small_rows, {random() % small_rows, random() % column_count, "\""});
  }
}

TEST_CASE("a spoiled cell behind a million rows is named") {
  check_mutation(large_rows, {1'000'000, 0, "abc"});
  check_mutation(large_rows, {1'070'000, 1, "\""});
}

TEST_CASE("a spoiled cell some windows into a file is named") {
  check_mutation(middle_rows, {99'999, 2, "2024-02-30"});
  check_mutation(middle_rows, {50'000, 3, "1,2"});
}

TEST_CASE("a file that is not spoiled is read whole") {
  CHECK(answer_to(small_rows, {.row = small_rows, .column = 0, .cell = {}}).message.empty());
  CHECK(answer_to(large_rows, {.row = large_rows, .column = 0, .cell = {}}).message.empty());
}

}  // namespace

}  // namespace cauce::datasets::csv
