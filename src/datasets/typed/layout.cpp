#include "datasets/typed/layout.h"

#include "disk/crc32c.h"

namespace cauce::datasets::typed {
namespace {

constexpr BytesView magic = "CAUCECOL";
constexpr std::uint32_t version = 1;

Error damaged(const char* what) {
  return {Outcome::corrupt, std::string("the typed columns are damaged: ") + what};
}

void put_extent(Bytes& target, const Extent& extent) {
  put_u64(target, extent.offset);
  put_u32(target, extent.bytes);
  put_u32(target, extent.crc);
}

Extent take_extent(ByteReader& reader) {
  Extent extent;
  extent.offset = reader.u64();
  extent.bytes = reader.u32();
  extent.crc = reader.u32();
  return extent;
}

bool lies_within(const Extent& extent, std::uint64_t file_bytes) {
  return extent.offset <= file_bytes && extent.bytes <= file_bytes - extent.offset;
}

constexpr std::uint8_t type_count = std::uint8_t(columns::Type::boolean) + 1;
constexpr std::uint8_t has_numbers = 1;
constexpr std::uint8_t has_texts = 2;

void put_column(Bytes& target, const StoredColumn& stored) {
  put_sized(target, stored.column.name);
  put_u8(target, std::uint8_t(stored.column.type));
  put_u8(target, std::uint8_t((stored.numbers.empty() ? 0 : has_numbers) |
                              (stored.texts.empty() ? 0 : has_texts)));
  put_extent(target, stored.dictionary);
  for (const NumberExtent& number : stored.numbers) {
    put_extent(target, number.extent);
    put_f64(target, number.low);
    put_f64(target, number.high);
  }
  for (const Extent& text : stored.texts) {
    put_extent(target, text);
  }
}

// A count that the bytes cannot hold is noticed before room is made for it.
bool take_column(ByteReader& reader, std::size_t blocks, std::uint64_t file_bytes,
                 StoredColumn& stored) {
  stored.column.name = std::string(reader.sized());
  const std::uint8_t type = reader.u8();
  const std::uint8_t has = reader.u8();
  if (reader.failed() || type >= type_count || has > (has_numbers | has_texts)) return false;
  stored.column.type = columns::Type(type);
  const bool is_text = stored.column.type == columns::Type::text;
  if ((is_text && (has & has_numbers) != 0) || (blocks == 0 && has != 0)) return false;
  stored.dictionary = take_extent(reader);
  bool good = lies_within(stored.dictionary, file_bytes);
  if ((has & has_numbers) != 0) stored.numbers.reserve(std::min(blocks, reader.remaining()));
  for (std::size_t block = 0; (has & has_numbers) != 0 && block < blocks && good; ++block) {
    NumberExtent number;
    number.extent = take_extent(reader);
    number.low = reader.f64();
    number.high = reader.f64();
    good = !reader.failed() && lies_within(number.extent, file_bytes);
    stored.numbers.push_back(number);
  }
  for (std::size_t block = 0; (has & has_texts) != 0 && block < blocks && good; ++block) {
    stored.texts.push_back(take_extent(reader));
    good = !reader.failed() && lies_within(stored.texts.back(), file_bytes);
  }
  // Of text nothing else is there; of the rest the numbers are.
  return good && (blocks == 0 || (is_text ? !stored.texts.empty() : !stored.numbers.empty()));
}

}  // namespace

Bytes header() {
  Bytes bytes(magic);
  put_u32(bytes, version);
  put_u32(bytes, disk::crc32c(bytes));
  return bytes;
}

bool is_header(BytesView bytes) {
  return bytes == header();
}

Bytes to_bytes(const Footer& footer) {
  Bytes bytes;
  put_u32(bytes, std::uint32_t(footer.block_rows.size()));
  for (const std::uint32_t rows : footer.block_rows) {
    put_u32(bytes, rows);
  }
  put_u32(bytes, std::uint32_t(footer.columns.size()));
  for (const StoredColumn& column : footer.columns) {
    put_column(bytes, column);
  }
  return bytes;
}

Result<Footer> footer_from_bytes(BytesView bytes, std::uint64_t file_bytes) {
  ByteReader reader{bytes};
  Footer footer;
  const std::uint32_t blocks = reader.u32();
  if (blocks > reader.remaining() / sizeof(std::uint32_t)) return damaged("its blocks");
  for (std::uint32_t block = 0; block < blocks; ++block) {
    footer.block_rows.push_back(reader.u32());
    const std::uint32_t rows = footer.block_rows.back();
    if (rows == 0 || rows > columns::block_rows_max) return damaged("the rows of a block");
  }
  const std::uint32_t columns = reader.u32();
  if (columns > reader.remaining()) return damaged("its columns");
  for (std::uint32_t column = 0; column < columns; ++column) {
    if (!take_column(reader, blocks, file_bytes, footer.columns.emplace_back()))
      return damaged("a column");
  }
  if (!reader.complete()) return damaged("the end of the footer");
  return footer;
}

Bytes trailer(const Extent& footer) {
  Bytes bytes;
  put_extent(bytes, footer);
  put_u32(bytes, version);
  put_u32(bytes, disk::crc32c(bytes));
  bytes += magic;
  return bytes;
}

Result<Extent> footer_place(BytesView bytes) {
  ByteReader reader{bytes};
  const Extent footer = take_extent(reader);
  const std::uint32_t found = reader.u32();
  const std::uint32_t crc = reader.u32();
  if (reader.bytes(magic.size()) != magic || !reader.complete()) return damaged("its end");
  if (disk::crc32c(bytes.substr(0, trailer_bytes - magic.size() - sizeof crc)) != crc)
    return damaged("its end");
  if (found != version)
    return Error{Outcome::unsupported, "the typed columns are of another version of the format"};
  if (footer.bytes > footer_bytes_max) return damaged("the size of its footer");
  return footer;
}

}  // namespace cauce::datasets::typed
