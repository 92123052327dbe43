#include "base/bytes.h"

#include <doctest/doctest.h>

namespace cauce {

TEST_CASE("what was put is read back") {
  Bytes bytes;
  put_u8(bytes, 200);
  put_u16(bytes, 60000);
  put_u32(bytes, 4'000'000'000U);
  put_u64(bytes, 1ULL << 63);
  put_i64(bytes, -5);
  put_f64(bytes, 21.5);
  put_sized(bytes, "mote-1");
  ByteReader reader{bytes};
  CHECK(reader.u8() == 200);
  CHECK(reader.u16() == 60000);
  CHECK(reader.u32() == 4'000'000'000U);
  CHECK(reader.u64() == 1ULL << 63);
  CHECK(reader.i64() == -5);
  CHECK(reader.f64() == 21.5);
  CHECK(reader.sized() == "mote-1");
  CHECK(reader.complete());
}

TEST_CASE("a reader never passes its end") {
  Bytes bytes;
  put_u32(bytes, 10);
  bytes += "short";
  ByteReader reader{bytes};
  CHECK(reader.sized().empty());
  CHECK(reader.failed());
  CHECK(reader.u8() == 0);
  CHECK_FALSE(reader.complete());
}

TEST_CASE("hexadecimal goes both ways and refuses the rest") {
  Bytes bytes;
  CHECK(from_hex("00fF7a", bytes));
  CHECK(to_hex(bytes) == "00ff7a");
  CHECK_FALSE(from_hex("0", bytes));
  CHECK_FALSE(from_hex("0g", bytes));
  CHECK(to_hex(bytes) == "00ff7a");
}

}  // namespace cauce
