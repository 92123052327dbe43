#include "disk/crc32c.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace cauce::disk {

TEST_CASE("the checksum gives the published values") {
  // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
  Bytes ascending;
  Bytes descending;
  for (int byte = 0; byte < 32; ++byte) {
    ascending += char(byte);
    descending += char(31 - byte);
  }
  for (const auto checksum : {&crc32c, &crc32c_by_table}) {
    CHECK(checksum("", 0) == 0);
    CHECK(checksum("123456789", 0) == 0xE3069283);
    CHECK(checksum(Bytes(32, '\0'), 0) == 0x8A9136AA);
    CHECK(checksum(Bytes(32, '\xff'), 0) == 0x62A8AB43);
    CHECK(checksum(ascending, 0) == 0x46DD794E);
    CHECK(checksum(descending, 0) == 0x113FDB5C);
  }
}

TEST_CASE("instruction and table agree at every length and can go on from a part") {
  SeededRandom random{7};
  const Bytes bytes = random.bytes(300);
  for (std::size_t length = 0; length <= bytes.size(); ++length) {
    const BytesView part = BytesView{bytes}.substr(0, length);
    CHECK(crc32c(part) == crc32c_by_table(part));
    const BytesView rest = BytesView{bytes}.substr(length);
    CHECK(crc32c(rest, crc32c(part)) == crc32c(bytes));
    CHECK(crc32c_by_table(rest, crc32c_by_table(part)) == crc32c(bytes));
  }
}

TEST_CASE("instruction and table agree where the lanes of long bytes begin and end") {
  SeededRandom random{8};
  const Bytes bytes = random.bytes(20'000);
  for (std::size_t lanes = 1; lanes <= 18; ++lanes) {
    for (std::size_t near = 0; near <= 24; ++near) {
      const BytesView part = BytesView{bytes}.substr(near, lanes * 1024 + near - 12);
      CHECK(crc32c(part, std::uint32_t(lanes)) == crc32c_by_table(part, std::uint32_t(lanes)));
    }
  }
}

}  // namespace cauce::disk
