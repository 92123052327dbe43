#include "gateway/http/lines.h"

#include <doctest/doctest.h>

#include "packing/test_pack.h"

namespace cauce::gateway::http {
namespace {

using packing::Packing;
using std::string_literals::operator""s;

struct Taken {
  std::vector<std::string> lines;  // "number:text"
  std::string refusal;             // "status detail", of what followed them
  std::size_t memory_bytes_max = 0;
};

// All that can be read now.
void drain(Lines& lines, Taken& taken) {
  do {
    for (const Lines::Line& line : lines.read(1000, 1 << 20))
      taken.lines.push_back(std::to_string(line.number) + ":" + std::string(line.text));
    taken.memory_bytes_max = std::max(taken.memory_bytes_max, lines.memory_bytes());
  } while (lines.is_busy());
  if (const auto& refused = lines.refusal())
    taken.refusal = std::to_string(refused->status) + " " + refused->detail;
}

Taken take(Packing packing, BytesView body, const LineLimits& limits = {},
           std::size_t piece_bytes = 1000, bool ends = true) {
  Lines lines(packing, limits);
  Taken taken;
  for (std::size_t at = 0; at < body.size() && taken.refusal.empty(); at += piece_bytes) {
    lines.put(body.substr(at, piece_bytes));
    drain(lines, taken);
  }
  if (!ends || !taken.refusal.empty()) return taken;
  lines.put_end();
  drain(lines, taken);
  CHECK((lines.at_end() || !taken.refusal.empty()));
  return taken;
}

using Texts = std::vector<std::string>;

Bytes many_lines(int count) {
  Bytes text;
  for (int number = 0; number < count; ++number)
    text += "{\"t\":" + std::to_string(number * 7919) + "}\n";
  return text;
}

}  // namespace

TEST_CASE("lines come out whole, however the body is cut") {
  const Bytes body = "{\"t\":1}\r\n\n  \t\n[2]\n\r\nlast";
  const Texts expected{"1:{\"t\":1}", "4:[2]", "6:last"};
  for (const std::size_t piece_bytes : {1, 2, 5, 1000}) {
    CAPTURE(piece_bytes);
    CHECK(take(Packing::none, body, {}, piece_bytes).lines == expected);
    CHECK(take(Packing::gzip, packing::gzipped(body), {}, piece_bytes).lines == expected);
    CHECK(take(Packing::zstd, packing::zstded(body), {}, piece_bytes).lines == expected);
  }
  CHECK(take(Packing::none, "").lines.empty());
  CHECK(take(Packing::none, "1\n2\n3", {}, 1000, false).lines == Texts{"1:1", "2:2"});
}

TEST_CASE("a line keeps its limit at the maximum and not one past it, with or without an end") {
  const LineLimits limits{.line = {4}};
  for (const std::size_t piece_bytes : {1, 100}) {
    CHECK(take(Packing::none, "1234\n1234\r\n1234", limits, piece_bytes).lines.size() == 3);
    for (const Bytes& body : {"1\n2\n12345\n4"s, "1\n2\n12345\r\n4"s, "1\n2\n12345"s}) {
      const Taken taken = take(Packing::none, body, limits, piece_bytes);
      CHECK(taken.lines == Texts{"1:1", "2:2"});
      CHECK(taken.refusal == "413 Line 3 has more than 4 bytes, the limit of one message.");
    }
  }
  // Without waiting for its end.
  CHECK(take(Packing::none, "123456", limits, 1, false).refusal.starts_with("413 Line 1"));
  CHECK(take(Packing::none, "      ", limits, 1, false).refusal.starts_with("413 Line 1"));
}

TEST_CASE("what was packed is given out when its checksum is right, part for part") {
  const Bytes first = packing::gzipped("1\n2\n");
  Bytes second = packing::gzipped("3\n4\n");
  CHECK(take(Packing::gzip, first.substr(0, first.size() - 1), {}, 1, false).lines.empty());
  CHECK(take(Packing::gzip, first, {}, 1, false).lines == Texts{"1:1", "2:2"});
  second[second.size() - 8] ^= 1;
  const Taken taken = take(Packing::gzip, first + second);
  CHECK(taken.lines == Texts{"1:1", "2:2"});
  CHECK(taken.refusal == "400 The body is damaged: incorrect data check.");
}

TEST_CASE("a packed body that is cut off gives out what is complete in it") {
  const Bytes text = many_lines(20'000);
  for (const auto& [kind, packed] : {std::pair{Packing::gzip, packing::gzipped(text)},
                                     std::pair{Packing::zstd, packing::zstded(text)}}) {
    Taken taken = take(kind, packed.substr(0, packed.size() - 1));
    CHECK(taken.lines.empty());
    CHECK(taken.refusal == "400 The body is cut off: the end of what was packed is missing.");
    // More of it than waits for a checksum goes before.
    const LineLimits limits{.unchecked_bytes_max = 200'000};
    taken = take(kind, packed.substr(0, packed.size() - 1), limits);
    CHECK(taken.lines.size() > 1000);
    CHECK(taken.lines.size() < 20'000);
    CHECK(taken.refusal.starts_with("400 The body is cut off"));
    CHECK(take(kind, packed, limits).lines.size() == 20'000);
  }
}

TEST_CASE("memory does not grow with the length of the body") {
  const Bytes text = many_lines(100'000);
  Lines lines(Packing::none, {});
  Taken taken;
  for (std::size_t round = 0; round < 50; ++round) {
    for (std::size_t at = 0; at < text.size(); at += 64 << 10) {
      lines.put(BytesView(text).substr(at, 64 << 10));
      drain(lines, taken);
      taken.lines.clear();
    }
  }
  CHECK(lines.text_bytes() == 50 * text.size());
  CHECK(taken.memory_bytes_max < (256 << 10));
  Bytes packed;
  for (std::size_t round = 0; round < 20; ++round)
    packed += text;
  taken = take(Packing::zstd, packing::zstded(packed), {}, 64 << 10);
  CHECK(taken.lines.size() == 2'000'000);
  CHECK(taken.memory_bytes_max < (16 << 20));
}

TEST_CASE("a body that becomes far larger than it was ends early") {
  const Taken lines = take(Packing::zstd, packing::zstded(Bytes(100 << 20, '\n')), {}, 64 << 10);
  CHECK(lines.lines.empty());
  CHECK(lines.refusal.starts_with("413 The body becomes more than 2000 times larger, the limit"));
  CHECK(lines.memory_bytes_max < (24 << 20));
  const Taken one = take(Packing::gzip, packing::gzipped(Bytes(50 << 20, 'x')), {}, 64 << 10);
  CHECK(one.refusal.starts_with("413 Line 1 has more than 1048576 bytes"));
}

TEST_CASE("empty lines without end are read in parts") {
  Lines lines(Packing::gzip, {.unpacked_bytes_max = 1 << 20});
  Bytes text(3 << 20, '\n');
  text += "1\n";
  lines.put(packing::gzipped(text));
  lines.put_end();
  CHECK(lines.read(1000, 1 << 20).empty());
  CHECK(lines.is_busy());
  CHECK(lines.text_bytes() == 1 << 20);
  Taken taken;
  drain(lines, taken);
  CHECK(taken.lines == Texts{std::to_string((3 << 20) + 1) + ":1"});
}

TEST_CASE("of many lines so many are given at once, by number and by bytes") {
  Lines lines(Packing::none, {});
  lines.put("1\n22\n333\n4444\n");
  CHECK(lines.read(2, 100).size() == 2);
  CHECK(lines.is_busy());
  CHECK(lines.read(100, 3).size() == 1);
  CHECK(lines.read(100, 100).size() == 1);
  CHECK(lines.read(100, 100).empty());
  CHECK_FALSE(lines.is_busy());
}

}  // namespace cauce::gateway::http
