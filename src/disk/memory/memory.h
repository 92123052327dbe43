// A disk in memory that behaves as badly as the law allows: what was not synced may be lost, torn
// or kept, page by page; a sync may fail; room may run out. For tests: the real engines run on it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "disk/directory.h"

namespace cauce::disk {

// Any thread. Must outlive the directories, files and pages that it gave out.
class MemoryDisk {
 public:
  MemoryDisk();
  ~MemoryDisk();
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;

  std::unique_ptr<Directory> root();

  // The process dies: everything open stops working, locks are free, no byte is lost.
  void kill();
  // The power goes: as kill(), and every unsynced page is lost, kept or torn between two sectors of
  // 512 bytes, every unsynced size and name is old or new, as `seed` says.
  void cut_power(std::uint64_t seed);

  // The same at the next sync of a file, in the middle of it: the caller only sees an error.
  void cut_power_in_sync(std::uint64_t seed);

  // The sync that is `count` syncs away (1: the next) fails, and what it should have made durable
  // is lost by the next power cut although it can still be read: as Linux does.
  void fail_sync(std::uint64_t count);
  // Runs in every sync of a file before it has any effect: a disk that takes its time, and what
  // others do meanwhile. It may use the disk.
  void during_syncs(std::function<void()> during);
  // Room for this many bytes in all; a write that needs more writes what fits and fails.
  void set_room(std::uint64_t bytes);

  // What an operator or a dying disk does behind everybody's back. Paths are relative to root().
  std::vector<std::string> files() const;
  std::uint64_t size_of(const std::string& path) const;
  Bytes bytes_of(const std::string& path) const;
  void flip_bit(const std::string& path, std::uint64_t bit);
  void shorten(const std::string& path, std::uint64_t bytes);
  void erase(const std::string& path);
  // Makes or replaces a file, durably.
  void put(const std::string& path, Bytes bytes);
  // Syncs of files that succeeded so far.
  std::uint64_t syncs() const;
  // Files opened so far.
  std::uint64_t opens() const;

 private:
  friend class MemoryFile;
  friend class MemoryPage;
  friend class MemoryLock;
  friend class MemoryDirectory;

  struct Inode {
    Bytes current;
    Bytes durable;
    std::set<std::uint64_t> dirty;  // numbers of pages written since the last sync
    std::uint64_t reserved = 0;
    std::shared_ptr<char[]> page;  // once mapped: the content, instead of `current`
    Bytes page_durable;
  };
  using Names = std::map<std::string, std::shared_ptr<Inode>>;

  void lose_power(std::uint64_t seed);
  void tear(Inode& inode, SeededRandom& random);
  std::uint64_t used() const;
  Result<void> alive(std::uint64_t generation, const std::string& path) const;
  std::shared_ptr<Inode> find(const std::string& path) const;
  Result<void> count_sync(const std::string& path);
  void take_time();

  mutable std::mutex mutex_;  // guards all below
  Names names_;
  Names durable_names_;
  std::set<std::string> directories_;
  std::map<std::string, std::string> locks_;  // path -> program
  std::uint64_t generation_ = 0;
  std::uint64_t room_ = UINT64_MAX;
  std::uint64_t syncs_ = 0;
  std::uint64_t opens_ = 0;
  std::optional<std::uint64_t> failing_sync_;
  std::optional<std::uint64_t> cutting_seed_;
  std::function<void()> during_syncs_;
};

}  // namespace cauce::disk
