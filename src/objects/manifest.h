// The commit log of a set of objects: entries `<prefix>/_log/00000000000000000000.json`, each
// created only if absent, each committing all objects of one batch and the source range they were
// made from. What no entry names does not exist for readers and is swept. The end of the last
// entry's source is the cursor of whoever writes them. Format: docs/formats/manifest.md.
//
// Fencing: a writer opens by committing an entry of its own that names no objects and carries a
// larger epoch. An older writer's next commit then finds its number taken and gets `conflict`, so
// what it has put but not committed is surely an orphan, and the new writer may sweep it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "objects/objects.h"

namespace cauce::objects {

struct ManifestObject {
  std::string key;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  // What readers may prune by: {"company": "acme", "day": "2026-11-21"}.
  std::map<std::string, std::string> labels;

  bool operator==(const ManifestObject&) const = default;
};

struct ManifestEntry {
  std::uint64_t epoch = 0;  // of the writer; a later writer has a larger one
  std::uint32_t partition = 0;
  std::uint64_t from = 0;  // source range [from, to)
  std::uint64_t to = 0;
  Time committed_at;
  std::vector<ManifestObject> objects;

  bool operator==(const ManifestEntry&) const = default;
};

constexpr std::size_t entry_objects_max = 100'000;
constexpr std::size_t entry_bytes_max = 64u << 20;

// One writer at a time makes progress: of two, one gets `conflict` and stops. One thread. A reader
// never opens; it calls refresh() alone.
class Manifest {
 public:
  // Objects and entries live under `prefix` ("lake", "facts").
  Manifest(Objects& objects, std::string prefix);

  // For the writer: reads all entries and commits the one that takes a new epoch, above every one
  // seen. `corrupt` when an entry is damaged or the entries leave a gap, naming it.
  Result<void> open(Time now);

  // Where the next entry of `partition` must begin.
  std::uint64_t cursor(std::uint32_t partition) const;
  std::uint64_t epoch() const { return epoch_; }
  // How many entries were read or made; they are numbered from 0.
  std::uint64_t entries() const { return next_entry_; }
  std::string key_of_entry(std::uint64_t number) const;

  // Commits: `objects` are already durable; the epoch is set here. `conflict` when somebody else
  // committed meanwhile or `from` is not the cursor: nothing of this entry then counts.
  Result<void> commit(ManifestEntry entry);

  // All committed objects, oldest first; reads only the entries that others added since the last
  // call. The reference holds until the next call of anything here.
  Result<void> refresh();
  const std::vector<ManifestObject>& committed() const { return committed_; }

  // Removes objects under the prefix that no entry names. Only the writer, before its first batch.
  Result<std::size_t> sweep();

 private:
  Result<void> read_all();
  Result<void> read_new();
  Result<void> read_entry(std::string_view key, BytesView bytes);
  Result<void> create_entry(const ManifestEntry& entry);
  void apply(const ManifestEntry& entry);

  Objects& objects_;
  std::string prefix_;
  bool read_ = false;            // all entries that existed at the first reading
  std::uint64_t epoch_ = 0;      // ours; 0 until open()
  std::uint64_t epoch_max_ = 0;  // the largest one read or taken
  std::uint64_t next_entry_ = 0;
  std::map<std::uint32_t, std::uint64_t> cursors_;
  std::vector<ManifestObject> committed_;
};

}  // namespace cauce::objects
