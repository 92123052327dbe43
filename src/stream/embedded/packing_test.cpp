#include "stream/embedded/packing.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace cauce::stream::embedded {
namespace {

Bytes repeated(std::string_view text, std::size_t bytes) {
  Bytes repeated;
  while (repeated.size() < bytes)
    repeated += text;
  repeated.resize(bytes);
  return repeated;
}

}  // namespace

TEST_CASE("what repeats itself is packed, what is short or random is not") {
  Packer packer;
  Unpacker unpacker;
  CHECK(!packer.pack(repeated("abc", packed_body_bytes_min - 1)));
  CHECK(!packer.pack(SeededRandom{1}.bytes(100'000)));
  CHECK(!packer.pack({}));
  for (const std::size_t bytes :
       {packed_body_bytes_min, std::size_t{100'000}, std::size_t{9 << 20}}) {
    const Bytes body = repeated("freezer-7 temperature -18.5 C ", bytes);
    const auto packed = packer.pack(body);
    REQUIRE(packed);
    CHECK(packed->size() < bytes / 8 * 7);
    CHECK(unpacker.unpack(*packed, std::uint32_t(bytes)) == BytesView{body});
  }
}

TEST_CASE("what is not exactly what was packed is refused") {
  Packer packer;
  Unpacker unpacker;
  const Bytes body = repeated("freezer-7 temperature -18.5 C ", 5000);
  const Bytes packed{*packer.pack(body)};
  CHECK(!unpacker.unpack(packed, 4999));
  CHECK(!unpacker.unpack(packed, 5001));
  CHECK(!unpacker.unpack(packed + "x", 5000));
  CHECK(!unpacker.unpack(packed + packed, 5000));
  CHECK(!unpacker.unpack(BytesView{packed}.substr(0, packed.size() - 1), 5000));
  CHECK(!unpacker.unpack({}, 5000));
  CHECK(!unpacker.unpack(body, 5000));
  for (std::size_t at = 0; at < packed.size(); ++at) {
    Bytes flipped = packed;
    flipped[at] = char(flipped[at] ^ 1);
    const auto unpacked = unpacker.unpack(flipped, 5000);
    if (unpacked) CHECK(unpacked->size() == 5000);
  }
  CHECK(unpacker.unpack(packed, 5000) == BytesView{body});
}

}  // namespace cauce::stream::embedded
