#include "datasets/unpack.h"

#include <doctest/doctest.h>

#include <string>

#include "packing/test_pack.h"

namespace cauce::datasets {

namespace {

using packing::gzipped;
using packing::UnpackLimits;
using packing::zstded;

Result<std::string> unpack_all(std::string_view packed, const UnpackLimits& limits = {}) {
  Result<std::unique_ptr<ByteSource>> source =
      unpacked(source_of(packed), packing::detect_packing(packed), limits);
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
