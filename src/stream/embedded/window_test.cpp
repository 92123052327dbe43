#include "stream/embedded/window.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "base/random.h"
#include "disk/memory/memory.h"

namespace cauce::stream::embedded {

TEST_CASE("a window shows what the file holds, whatever was looked at before") {
  disk::MemoryDisk disk;
  const auto root = disk.root();
  const auto file = *root->open("file", disk::Open::create);
  SeededRandom random{1};
  const Bytes bytes = random.bytes(3 << 20);
  REQUIRE(file->write_at(0, bytes));
  Window window{*file};
  std::uint64_t offset = 0;
  for (int looks = 0; looks < 3000; ++looks) {
    CAPTURE(looks);
    // Mostly on from where the last look ended, as a walk goes; sometimes anywhere, or far.
    if (random.below(20) == 0) offset = random.below(bytes.size() + 1000);
    const std::uint64_t count = random.below(random.below(5) == 0 ? 900'000 : 2000);
    const std::uint64_t limit = bytes.size() / 2 + random.below(bytes.size());
    const auto seen = window.at(offset, count, limit);
    REQUIRE(seen);
    const std::uint64_t end = std::min<std::uint64_t>({offset + count, limit, bytes.size()});
    const BytesView expected =
        offset < end ? BytesView{bytes}.substr(offset, end - offset) : BytesView{};
    REQUIRE(*seen == expected);
    offset = offset < end ? end : 0;
  }
}

}  // namespace cauce::stream::embedded
