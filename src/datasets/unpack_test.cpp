#include "datasets/unpack.h"

#include <doctest/doctest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace cauce::datasets {

namespace {

std::string gzipped(const std::string& text) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, uLong(text.size())) + 64, '\0');
  std::string input = text;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = uInt(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = uInt(packed.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zstded(const std::string& text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3));
  return packed;
}

Result<std::string> unpack_all(std::string_view packed, const UnpackLimits& limits = {}) {
  Result<std::unique_ptr<ByteSource>> source =
      unpacked(source_of(packed), detect_packing(packed), limits);
  REQUIRE(source);
  std::string text;
  for (std::string piece(1000, '\0');;) {
    const Result<std::size_t> bytes = (*source)->read(piece.data(), piece.size());
    if (!bytes) return bytes.error();
    if (*bytes == 0) return text;
    text.append(piece, 0, *bytes);
  }
}

std::string long_text() {
  std::string text;
  for (int row = 0; row < 50'000; ++row)
    text += std::to_string(row * 7919) + ",x\n";
  return text;
}

TEST_CASE("gzip and zstd give back what went in, in one part or several") {
  const std::string text = long_text();
  CHECK(*unpack_all(gzipped(text)) == text);
  CHECK(*unpack_all(zstded(text)) == text);
  CHECK(*unpack_all(gzipped("a\n") + gzipped("b\n")) == "a\nb\n");
  CHECK(*unpack_all(zstded("a\n") + zstded("b\n")) == "a\nb\n");
  CHECK(*unpack_all(gzipped("a\n") + std::string(100, '\0')) == "a\n");
  CHECK(*unpack_all(gzipped("")) == "");
}

TEST_CASE("a file that is cut off anywhere or damaged is refused") {
  for (const std::string& packed :
       {gzipped("hello, hello, hello\n"), zstded("hello, hello, hello\n")}) {
    for (std::size_t bytes = 4; bytes < packed.size(); ++bytes) {
      CAPTURE(bytes);
      CHECK(!unpack_all(packed.substr(0, bytes)));
    }
  }
  std::string damaged = gzipped(long_text());
  damaged[damaged.size() / 2] ^= 0x55;
  CHECK(!unpack_all(damaged));
  CHECK(!unpack_all(gzipped("a\n") + "garbage"));
}

TEST_CASE("a file that becomes too large is refused one byte past the limit") {
  const std::string text(100'000, 'x');
  for (const std::string& packed : {gzipped(text), zstded(text)}) {
    UnpackLimits limits;
    limits.bytes_max = text.size();
    CHECK(unpack_all(packed, limits));
    limits.bytes_max = text.size() - 1;
    CHECK(unpack_all(packed, limits).error().outcome == Outcome::invalid);
    limits = {};
    limits.ratio_from_bytes = 1000;
    limits.ratio_max = text.size() / packed.size() + 1;
    CHECK(unpack_all(packed, limits));
    limits.ratio_max = text.size() / packed.size() / 2;
    CHECK(unpack_all(packed, limits).error().outcome == Outcome::invalid);
  }
}

}  // namespace

}  // namespace cauce::datasets
