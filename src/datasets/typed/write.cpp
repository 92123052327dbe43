#include <algorithm>
#include <cmath>
#include <limits>

#include "datasets/typed/chunk.h"
#include "datasets/typed/dictionary.h"
#include "datasets/typed/layout.h"
#include "datasets/typed/typed.h"
#include "disk/crc32c.h"
#include "disk/posix.h"

namespace cauce::datasets::typed {
namespace {

using columns::Cell;
using columns::Step;
using columns::Type;
using columns::Wanted;

constexpr std::size_t written_bytes = 1u << 20;  // at once
constexpr std::size_t extent_bytes = 32;         // of a column's block in the footer, at most

class Writer {
 public:
  Writer(columns::Table& table, const Limits& limits, std::unique_ptr<disk::File> file)
      : table_(table), limits_(limits), file_(std::move(file)) {}

  Result<std::uint64_t> write(const std::vector<std::uint64_t>& distinct);

 private:
  void want(const std::vector<std::uint64_t>& distinct);
  Result<void> add(const columns::Block& block);
  Result<void> add_numbers(StoredColumn& column, const std::vector<double>& numbers);
  Result<void> add_texts(std::size_t index, const Texts& texts);
  bool encode(std::size_t index, const Texts& texts);
  Result<std::uint64_t> finish();
  Result<Extent> put(BytesView bytes);
  Result<void> flush();
  std::size_t remembered_bytes() const {
    return footer_.block_rows.size() * footer_.columns.size() * extent_bytes;
  }

  columns::Table& table_;
  const Limits limits_;
  const std::unique_ptr<disk::File> file_;
  Room room_;
  Footer footer_;
  std::vector<Dictionary> dictionaries_;  // by column
  std::vector<Wanted> wanted_;
  Bytes chunk_;
  std::vector<std::uint32_t> codes_;
  Bytes waiting_;  // to be written at flushed_
  std::uint64_t flushed_ = 0;
};

void Writer::want(const std::vector<std::uint64_t>& distinct) {
  room_.bytes_max = limits_.dictionary_bytes_max;
  const columns::Schema& schema = table_.schema();
  for (std::size_t column = 0; column < schema.size(); ++column) {
    footer_.columns.emplace_back().column = schema[column];
    dictionaries_.emplace_back(room_, limits_.forms_max);
    const bool is_text = schema[column].type == Type::text;
    if (!is_text) wanted_.push_back({column, Cell::number});
    const bool has_few = column < distinct.size() && distinct[column] <= limits_.forms_max;
    if (is_text || has_few) wanted_.push_back({column, Cell::text});
  }
}

Result<std::uint64_t> Writer::write(const std::vector<std::uint64_t>& distinct) {
  want(distinct);
  if (auto begun = put(header()); !begun) return begun.error();
  auto scan = table_.scan(wanted_);
  if (!scan) return scan.error();
  for (columns::Block block;;) {
    const auto step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step == Step::retyped)
      return Error{Outcome::conflict, "the file was changed while it was read; start again"};
    if (*step == Step::end) return finish();
    if (auto added = add(block); !added) return added.error();
    if (remembered_bytes() > footer_bytes_max) return std::uint64_t{0};
  }
}

Result<void> Writer::add(const columns::Block& block) {
  footer_.block_rows.push_back(std::uint32_t(block.rows));
  for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
    const std::size_t column = wanted_[lane].column;
    const auto added = wanted_[lane].as == Cell::number
                           ? add_numbers(footer_.columns[column], block.lanes[lane].numbers)
                           : add_texts(column, block.lanes[lane].texts);
    if (!added) return added;
  }
  return {};
}

Result<void> Writer::add_numbers(StoredColumn& column, const std::vector<double>& numbers) {
  chunk_.clear();
  encode_numbers(numbers, chunk_);
  const auto extent = put(chunk_);
  if (!extent) return extent.error();
  constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
  NumberExtent kept{*extent, nothing, nothing};
  for (const double number : numbers) {
    if (std::isnan(number)) continue;
    kept.low = std::isnan(kept.low) ? number : std::min(kept.low, number);
    kept.high = std::isnan(kept.high) ? number : std::max(kept.high, number);
  }
  column.numbers.push_back(kept);
  return {};
}

// False: the dictionary has no room for all of them.
bool Writer::encode(std::size_t index, const Texts& texts) {
  Dictionary& dictionary = dictionaries_[index];
  if (dictionary.is_full()) return false;
  codes_.clear();
  for (const std::string_view text : texts) {
    if (text.data() == nullptr) {
      codes_.push_back(0);
      continue;
    }
    const auto code = dictionary.code_of(text);
    if (!code) return false;
    codes_.push_back(*code);
  }
  encode_codes(codes_, chunk_);
  return true;
}

Result<void> Writer::add_texts(std::size_t index, const Texts& texts) {
  StoredColumn& column = footer_.columns[index];
  chunk_.clear();
  if (!encode(index, texts)) {
    // The forms of numbers are in the file that was uploaded; texts are nowhere else.
    if (column.column.type != Type::text) {
      column.texts.clear();
      return {};
    }
    encode_texts(texts, chunk_);
  }
  const auto extent = put(chunk_);
  if (!extent) return extent.error();
  column.texts.push_back(*extent);
  return {};
}

Result<std::uint64_t> Writer::finish() {
  for (std::size_t column = 0; column < footer_.columns.size(); ++column) {
    StoredColumn& stored = footer_.columns[column];
    if (stored.texts.empty()) continue;
    chunk_.clear();
    encode_dictionary(dictionaries_[column].entries(), chunk_);
    const auto dictionary = put(chunk_);
    if (!dictionary) return dictionary.error();
    stored.dictionary = *dictionary;
  }
  const auto footer = put(to_bytes(footer_));
  if (!footer) return footer.error();
  if (auto put_last = put(trailer(*footer)); !put_last) return put_last.error();
  if (auto flushed = flush(); !flushed) return flushed.error();
  return flushed_;
}

Result<Extent> Writer::put(BytesView bytes) {
  const Extent extent{flushed_ + waiting_.size(), std::uint32_t(bytes.size()), disk::crc32c(bytes)};
  waiting_ += bytes;
  if (waiting_.size() < written_bytes) return extent;
  if (auto flushed = flush(); !flushed) return flushed.error();
  return extent;
}

Result<void> Writer::flush() {
  if (auto written = file_->write_at(flushed_, waiting_); !written) return written;
  flushed_ += waiting_.size();
  waiting_.clear();
  return {};
}

}  // namespace

Result<std::uint64_t> write(columns::Table& table, const std::vector<std::uint64_t>& distinct,
                            const std::filesystem::path& file, const Limits& limits) {
  const auto directory = disk::posix_directory(file.parent_path());
  const std::string name = file.filename().string();
  auto opened = directory->open(name, disk::Open::create);
  if (!opened) return opened.error();
  auto bytes = Writer(table, limits, std::move(*opened)).write(distinct);
  if (bytes && *bytes > 0) return bytes;
  if (auto removed = directory->remove(name); !removed && bytes) return removed.error();
  return bytes;
}

}  // namespace cauce::datasets::typed
