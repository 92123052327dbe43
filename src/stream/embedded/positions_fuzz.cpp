// Any bytes as the head of a partition and as the cursor file of a group: readers answer or say
// that they are damaged, and the next publish and commit hold whatever was there before.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "disk/memory/memory.h"
#include "stream/embedded/cursors.h"
#include "stream/embedded/head.h"

namespace {

using namespace cauce;
using namespace cauce::stream;

void try_head(disk::Directory& directory) {
  if (const auto head = embedded::Head::open(directory, disk::Open::read)) (*head)->load();
  const auto writer = embedded::Head::open(directory, disk::Open::create);
  INVARIANT(writer);
  const embedded::Durable durable{{3}, {9}, {3}, 200};
  // Twice: the slot whose sequence was the greatest is overwritten only by the second.
  (*writer)->publish(durable);
  (*writer)->publish(durable);
  const auto loaded = (*writer)->load();
  INVARIANT(loaded && *loaded == durable);
}

void try_cursor(disk::Directory& root) {
  embedded::EmbeddedCursors cursors{root, root.directory("groups")};
  const auto before = cursors.committed("lake", {});
  INVARIANT(before || before.error().outcome == Outcome::corrupt);
  INVARIANT(cursors.commit("lake", {}, {42}));
  const auto after = cursors.committed("lake", {});
  INVARIANT(after && *after && (*after)->number == 42);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size == 0) return 0;
  Bytes bytes(reinterpret_cast<const char*>(input) + 1, size - 1);
  disk::MemoryDisk disk;
  if (input[0] % 2 == 1) {
    bytes.resize(disk::page_bytes);
    disk.put("head", std::move(bytes));
    try_head(*disk.root());
  } else {
    disk.put("groups/lake", std::move(bytes));
    try_cursor(*disk.root());
  }
  return 0;
}
