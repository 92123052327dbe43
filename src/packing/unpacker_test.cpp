#include "packing/unpacker.h"

#include <doctest/doctest.h>

#include "packing/test_pack.h"

namespace cauce::packing {
namespace {

// All of it, brought and taken in pieces of these sizes; `invalid` when it may not end there.
Result<std::string> unpack_all(std::string_view packed, const UnpackLimits& limits = {},
                               std::size_t piece_bytes = 1000, std::size_t target_bytes = 1000) {
  const auto unpacker = make_unpacker(detect_packing(packed), limits);
  std::string text;
  std::string target(target_bytes, '\0');
  while (!packed.empty()) {
    std::string_view piece = packed.substr(0, piece_bytes);
    packed.remove_prefix(piece.size());
    for (bool goes_on = true; goes_on;) {
      const auto step = unpacker->step(piece, target.data(), target.size());
      if (!step) return step.error();
      text.append(target, 0, step->written);
      piece.remove_prefix(step->taken);
      goes_on = !piece.empty() || (step->written == target.size() && !unpacker->may_end());
    }
  }
  if (!unpacker->may_end()) return Error{Outcome::invalid, "cut off"};
  return text;
}

std::string long_text() {
  std::string text;
  for (int row = 0; row < 20'000; ++row)
    text += std::to_string(row * 7919) + ",x\n";
  return text;
}

}  // namespace

TEST_CASE("gzip and zstd give back what went in, however it is brought and taken") {
  const std::string text = long_text();
  for (const std::string& packed : {gzipped(text), zstded(text)}) {
    for (const std::size_t piece_bytes : {1, 7, 100'000'000}) {
      for (const std::size_t target_bytes : {1, 13, 1'000'000}) {
        CHECK(*unpack_all(packed, {}, piece_bytes, target_bytes) == text);
      }
    }
  }
}

TEST_CASE("members and frames one behind the other are one text") {
  CHECK(*unpack_all(gzipped("a\n") + gzipped("b\n")) == "a\nb\n");
  CHECK(*unpack_all(zstded("a\n") + zstded("b\n"), {}, 1) == "a\nb\n");
  CHECK(*unpack_all(gzipped("a\n") + std::string(100, '\0')) == "a\n");
  CHECK(*unpack_all(gzipped("")) == "");
  CHECK(*unpack_all(zstded("")) == "");
}

TEST_CASE("what is cut off may not end there, and what is damaged is refused") {
  const std::string text = long_text();
  for (const std::string& packed : {gzipped(text), zstded(text)}) {
    for (std::size_t bytes = 4; bytes < packed.size(); bytes += 1 + bytes / 8) {
      CAPTURE(bytes);
      CHECK(unpack_all(packed.substr(0, bytes)).error().outcome == Outcome::invalid);
    }
    CHECK_FALSE(unpack_all(packed.substr(0, packed.size() - 1)));
    std::string damaged = packed;
    damaged[damaged.size() / 2] ^= 0x55;
    CHECK_FALSE(unpack_all(damaged));
    // Of gzip the length at its end, of zstd the checksum.
    damaged = packed;
    damaged.back() ^= 0x01;
    CHECK_FALSE(unpack_all(damaged));
    CHECK_FALSE(unpack_all(packed + "garbage"));
  }
}

TEST_CASE("each limit holds at its maximum and not one past it") {
  const std::string text(100'000, 'x');
  for (const std::string& packed : {gzipped(text), zstded(text)}) {
    UnpackLimits limits;
    limits.bytes_max = text.size();
    CHECK(unpack_all(packed, limits));
    limits.bytes_max = text.size() - 1;
    CHECK(unpack_all(packed, limits).error().outcome == Outcome::exhausted);
    CHECK(unpack_all(packed, limits).error().message == "holds more than 99999 bytes, the limit");
    limits = {};
    limits.ratio_from_bytes = 1000;
    limits.ratio_max = text.size() / packed.size() + 1;
    CHECK(unpack_all(packed, limits, 1 << 20));
    limits.ratio_max = text.size() / packed.size() / 2;
    CHECK(unpack_all(packed, limits, 1 << 20).error().outcome == Outcome::exhausted);
    limits.ratio_from_bytes = text.size();
    CHECK(unpack_all(packed, limits, 1 << 20));
  }
}

TEST_CASE("a window of zstd that needs more memory than it may is refused before it is made") {
  const std::string text = long_text();
  UnpackLimits limits;
  limits.window_bits_max = 17;
  CHECK(*unpack_all(zstded(text, 17), limits) == text);
  CHECK(unpack_all(zstded(text, 18), limits).error().outcome == Outcome::invalid);
}

}  // namespace cauce::packing
