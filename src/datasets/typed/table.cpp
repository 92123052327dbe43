#include <fmt/core.h>

#include "datasets/typed/chunk.h"
#include "datasets/typed/layout.h"
#include "datasets/typed/typed.h"
#include "disk/crc32c.h"
#include "disk/posix.h"

namespace cauce::datasets::typed {
namespace {

using columns::Block;
using columns::Cell;
using columns::Step;
using columns::Wanted;

Error damaged(const char* what) {
  return {Outcome::corrupt, fmt::format("the typed columns are damaged: {}", what)};
}

Result<Bytes> read(disk::File& file, const Extent& extent) {
  Bytes bytes(extent.bytes, '\0');
  const auto count = file.read_at(extent.offset, bytes.data(), bytes.size());
  if (!count) return count.error();
  if (*count != bytes.size() || disk::crc32c(bytes) != extent.crc)
    return damaged("a checksum differs");
  return bytes;
}

class TypedTable final : public columns::Table {
 public:
  TypedTable(std::unique_ptr<disk::File> file, Footer footer, OpenWritten open_written)
      : file_(std::move(file)), footer_(std::move(footer)), open_written_(std::move(open_written)) {
    for (const StoredColumn& column : footer_.columns) {
      schema_.push_back(column.column);
    }
  }

  const columns::Schema& schema() const override { return schema_; }
  Result<std::unique_ptr<columns::Scan>> scan(std::vector<Wanted> wanted) override;

 private:
  class BlockScan;

  bool is_kept(const Wanted& want) const {
    return want.as == Cell::number || !footer_.columns[want.column].texts.empty() ||
           footer_.block_rows.empty();
  }
  Result<void> open_written();

  const std::unique_ptr<disk::File> file_;
  const Footer footer_;
  const OpenWritten open_written_;
  columns::Schema schema_;
  std::unique_ptr<columns::Table> written_;  // where forms are that are not kept; once needed
};

class TypedTable::BlockScan final : public columns::Scan {
 public:
  BlockScan(TypedTable& table, std::vector<Wanted> wanted)
      : table_(table), wanted_(std::move(wanted)), lanes_(wanted_.size()) {}

  Result<void> begin();
  Result<Step> next(Block& block) override;

 private:
  struct LaneBytes {
    Bytes dictionary;
    Texts entries;
    Bytes chunk;
  };
  Result<void> fill(const Wanted& want, LaneBytes& bytes, std::size_t rows, columns::Lane& lane);

  TypedTable& table_;
  const std::vector<Wanted> wanted_;
  std::vector<LaneBytes> lanes_;
  std::size_t block_ = 0;  // the next one
};

// A dictionary is read once for the scan.
Result<void> TypedTable::BlockScan::begin() {
  for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
    if (wanted_[lane].as == Cell::number || table_.footer_.block_rows.empty()) continue;
    auto bytes = read(*table_.file_, table_.footer_.columns[wanted_[lane].column].dictionary);
    if (!bytes) return bytes.error();
    lanes_[lane].dictionary = std::move(*bytes);
    if (!decode_dictionary(lanes_[lane].dictionary, lanes_[lane].entries))
      return damaged("a dictionary");
  }
  return {};
}

Result<Step> TypedTable::BlockScan::next(Block& block) {
  block.rows = 0;
  block.lanes.resize(wanted_.size());
  if (block_ == table_.footer_.block_rows.size()) return Step::end;
  const std::size_t rows = table_.footer_.block_rows[block_];
  for (std::size_t lane = 0; lane < wanted_.size(); ++lane) {
    const auto filled = fill(wanted_[lane], lanes_[lane], rows, block.lanes[lane]);
    if (!filled) return filled.error();
  }
  ++block_;
  block.rows = rows;
  return Step::rows;
}

Result<void> TypedTable::BlockScan::fill(const Wanted& want, LaneBytes& bytes, std::size_t rows,
                                         columns::Lane& lane) {
  const StoredColumn& column = table_.footer_.columns[want.column];
  const bool as_number = want.as == Cell::number;
  auto chunk =
      read(*table_.file_, as_number ? column.numbers[block_].extent : column.texts[block_]);
  if (!chunk) return chunk.error();
  bytes.chunk = std::move(*chunk);  // texts may lie in it until the next block
  const bool good = as_number ? decode_numbers(bytes.chunk, rows, lane.numbers)
                              : decode_texts(bytes.chunk, rows, bytes.entries, lane.texts);
  return good ? Result<void>{} : damaged("a block");
}

// Its types are known when it was read to its end once, if the first rows alone say something else.
Result<void> TypedTable::open_written() {
  if (written_ != nullptr) return {};
  auto table = open_written_();
  if (!table) return table.error();
  std::vector<Wanted> all;
  all.reserve((*table)->schema().size());
  for (std::size_t column = 0; column < (*table)->schema().size(); ++column) {
    all.push_back({column, Cell::text});
  }
  // Encoding and types can each turn out otherwise once.
  constexpr int scans_max = 4;
  for (int scans = 0; (*table)->schema() != schema_; ++scans) {
    if (scans == scans_max) return damaged("they are of another file");
    auto scan = (*table)->scan(all);
    if (!scan) return scan.error();
    Block block;
    auto step = (*scan)->next(block);
    while (step && *step == Step::rows) {
      step = (*scan)->next(block);
    }
    if (!step) return step.error();
  }
  written_ = std::move(*table);
  return {};
}

Result<std::unique_ptr<columns::Scan>> TypedTable::scan(std::vector<Wanted> wanted) {
  bool all_kept = true;
  for (const Wanted& want : wanted) {
    INVARIANT(want.column < schema_.size());
    const columns::Column& column = schema_[want.column];
    if (want.as == Cell::number && column.type == columns::Type::text)
      return Error{Outcome::invalid, fmt::format("column {} is text, not numbers", column.name)};
    all_kept = all_kept && is_kept(want);
  }
  if (!all_kept) {
    if (auto opened = open_written(); !opened) return opened.error();
    return written_->scan(std::move(wanted));
  }
  auto scan = std::make_unique<BlockScan>(*this, std::move(wanted));
  if (auto begun = scan->begin(); !begun) return begun.error();
  return std::unique_ptr<columns::Scan>{std::move(scan)};
}

}  // namespace

Result<std::unique_ptr<columns::Table>> open(const std::filesystem::path& file,
                                             OpenWritten open_written) {
  auto opened =
      disk::posix_directory(file.parent_path())->open(file.filename().string(), disk::Open::read);
  if (!opened) return opened.error();
  const auto bytes = (*opened)->size();
  if (!bytes) return bytes.error();
  if (*bytes < header_bytes + trailer_bytes) return damaged("it is too short");
  Bytes ends(header_bytes + trailer_bytes, '\0');
  const auto first = (*opened)->read_at(0, ends.data(), header_bytes);
  if (!first) return first.error();
  const auto last =
      (*opened)->read_at(*bytes - trailer_bytes, ends.data() + header_bytes, trailer_bytes);
  if (!last) return last.error();
  if (!is_header(BytesView(ends).substr(0, header_bytes))) return damaged("its beginning");
  const auto place = footer_place(BytesView(ends).substr(header_bytes));
  if (!place) return place.error();
  const auto footer_bytes = read(**opened, *place);
  if (!footer_bytes) return footer_bytes.error();
  auto footer = footer_from_bytes(*footer_bytes, *bytes);
  if (!footer) return footer.error();
  return std::unique_ptr<columns::Table>{std::make_unique<TypedTable>(
      std::move(*opened), std::move(*footer), std::move(open_written))};
}

}  // namespace cauce::datasets::typed
