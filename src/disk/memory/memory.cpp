#include "disk/memory/memory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "disk/error.h"

namespace cauce::disk {
namespace {

constexpr std::uint64_t sector_bytes = 512;

}  // namespace

MemoryDisk::MemoryDisk() = default;
MemoryDisk::~MemoryDisk() = default;

void MemoryDisk::kill() {
  const std::lock_guard lock{mutex_};
  ++generation_;
  locks_.clear();
}

void MemoryDisk::cut_power(std::uint64_t seed) {
  const std::lock_guard lock{mutex_};
  lose_power(seed);
}

void MemoryDisk::cut_power_in_sync(std::uint64_t seed) {
  const std::lock_guard lock{mutex_};
  cutting_seed_ = seed;
}

void MemoryDisk::lose_power(std::uint64_t seed) {
  ++generation_;
  locks_.clear();
  SeededRandom random{seed};
  Names left = durable_names_;
  for (const auto& [path, inode] : names_) {
    const auto durable = durable_names_.find(path);
    const bool unsynced = durable == durable_names_.end() || durable->second != inode;
    if (unsynced && random.below(2) == 0) left[path] = inode;
  }
  for (const auto& [path, inode] : durable_names_) {
    if (!names_.contains(path) && random.below(2) == 0) left.erase(path);
  }
  for (const auto& [path, inode] : left)
    tear(*inode, random);
  names_ = left;
  durable_names_ = std::move(left);
}

// Builds what the disk holds after the power came back: the durable content, over it by chance
// whole or torn pages of what was written later.
void MemoryDisk::tear(Inode& inode, SeededRandom& random) {
  if (inode.page != nullptr) {
    // The kernel writes mapped pages when it likes, so old and new are both possible.
    if (random.below(2) == 0) inode.page_durable.assign(inode.page.get(), page_bytes);
    inode.current = inode.durable = inode.page_durable;
    inode.page.reset();
    return;
  }
  Bytes torn = inode.durable;
  if (random.below(2) == 0) torn.resize(inode.current.size(), '\0');
  for (const std::uint64_t page : inode.dirty) {
    std::uint64_t sectors = 0;
    const std::uint64_t fate = random.below(3);
    if (fate == 1) sectors = page_bytes / sector_bytes;
    if (fate == 2) sectors = random.below(page_bytes / sector_bytes);
    const std::uint64_t from = page * page_bytes;
    const std::uint64_t to = std::min<std::uint64_t>(
        from + sectors * sector_bytes, std::min<std::uint64_t>(torn.size(), inode.current.size()));
    if (from < to) std::memcpy(torn.data() + from, inode.current.data() + from, to - from);
  }
  inode.dirty.clear();
  inode.current = inode.durable = std::move(torn);
}

void MemoryDisk::fail_sync(std::uint64_t count) {
  const std::lock_guard lock{mutex_};
  failing_sync_ = count;
}

void MemoryDisk::during_syncs(std::function<void()> during) {
  const std::lock_guard lock{mutex_};
  during_syncs_ = std::move(during);
}

// Without the lock: others go on meanwhile.
void MemoryDisk::take_time() {
  std::function<void()> during;
  {
    const std::lock_guard lock{mutex_};
    during = during_syncs_;
  }
  if (during) during();
}

void MemoryDisk::set_room(std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  room_ = bytes;
}

std::vector<std::string> MemoryDisk::files() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> paths;
  for (const auto& [path, inode] : names_)
    paths.push_back(path);
  return paths;
}

std::uint64_t MemoryDisk::size_of(const std::string& path) const {
  return bytes_of(path).size();
}

Bytes MemoryDisk::bytes_of(const std::string& path) const {
  const std::lock_guard lock{mutex_};
  const auto inode = find(path);
  INVARIANT(inode != nullptr);
  return inode->page != nullptr ? Bytes(inode->page.get(), page_bytes) : inode->current;
}

void MemoryDisk::flip_bit(const std::string& path, std::uint64_t bit) {
  const std::lock_guard lock{mutex_};
  const auto inode = find(path);
  INVARIANT(inode != nullptr && bit / 8 < inode->current.size());
  const auto flip = [bit](char& byte) { byte = char(byte ^ (1 << (bit % 8))); };
  if (inode->page != nullptr) flip(inode->page[std::ptrdiff_t(bit / 8)]);
  flip(inode->current[bit / 8]);
  if (bit / 8 < inode->durable.size()) flip(inode->durable[bit / 8]);
}

void MemoryDisk::shorten(const std::string& path, std::uint64_t bytes) {
  const std::lock_guard lock{mutex_};
  const auto inode = find(path);
  INVARIANT(inode != nullptr && bytes <= inode->current.size());
  inode->current.resize(bytes);
  inode->durable.resize(std::min<std::uint64_t>(bytes, inode->durable.size()));
}

void MemoryDisk::erase(const std::string& path) {
  const std::lock_guard lock{mutex_};
  INVARIANT(names_.erase(path) == 1);
  durable_names_.erase(path);
}

void MemoryDisk::put(const std::string& path, Bytes bytes) {
  const std::lock_guard lock{mutex_};
  auto inode = std::make_shared<Inode>();
  inode->current = inode->durable = std::move(bytes);
  names_[path] = durable_names_[path] = std::move(inode);
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    directories_.insert(path.substr(0, at));
  }
}

std::uint64_t MemoryDisk::syncs() const {
  const std::lock_guard lock{mutex_};
  return syncs_;
}

std::uint64_t MemoryDisk::opens() const {
  const std::lock_guard lock{mutex_};
  return opens_;
}

std::uint64_t MemoryDisk::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) {
    bytes += std::max<std::uint64_t>(inode->current.size(), inode->reserved);
  }
  return bytes;
}

Result<void> MemoryDisk::alive(std::uint64_t generation, const std::string& path) const {
  if (generation == generation_) return {};
  return Error{Outcome::unavailable, fmt::format("{} was open when the process died", path)};
}

std::shared_ptr<MemoryDisk::Inode> MemoryDisk::find(const std::string& path) const {
  const auto found = names_.find(path);
  return found == names_.end() ? nullptr : found->second;
}

Result<void> MemoryDisk::count_sync(const std::string& path) {
  if (failing_sync_ && --*failing_sync_ == 0) {
    failing_sync_.reset();
    return error_of("sync", path, EIO);
  }
  ++syncs_;
  return {};
}

class MemoryFile final : public File {
 public:
  MemoryFile(MemoryDisk& disk, std::string path, std::shared_ptr<MemoryDisk::Inode> inode)
      : disk_(disk),
        path_(std::move(path)),
        inode_(std::move(inode)),
        generation_(disk.generation_) {}

  Result<std::size_t> read_at(std::uint64_t offset, char* target, std::size_t count) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    const Bytes& bytes = inode_->current;
    if (offset >= bytes.size()) return std::size_t{0};
    const std::size_t part = std::min<std::size_t>(count, bytes.size() - offset);
    std::memcpy(target, bytes.data() + offset, part);
    return part;
  }

  Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    const std::uint64_t owned = std::max<std::uint64_t>(inode_->current.size(), inode_->reserved);
    const std::uint64_t used = disk_.used();
    const std::uint64_t room = disk_.room_ > used ? disk_.room_ - used : 0;
    const std::uint64_t reach = std::min(offset + bytes.size(), owned + room);
    const BytesView part = bytes.substr(0, reach > offset ? reach - offset : 0);
    if (!part.empty()) {
      if (inode_->current.size() < reach) inode_->current.resize(reach, '\0');
      std::memcpy(inode_->current.data() + offset, part.data(), part.size());
      for (std::uint64_t page = offset / page_bytes; page * page_bytes < reach; ++page) {
        inode_->dirty.insert(page);
      }
    }
    if (part.size() < bytes.size()) return error_of("write", path_, ENOSPC);
    return {};
  }

  Result<void> sync() override {
    disk_.take_time();
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    if (disk_.cutting_seed_) {
      disk_.lose_power(*std::exchange(disk_.cutting_seed_, std::nullopt));
      return error_of("sync", path_, EIO);
    }
    if (auto counted = disk_.count_sync(path_); !counted) {
      inode_->dirty.clear();  // the kernel holds the pages for clean now
      return counted;
    }
    Bytes& durable = inode_->durable;
    const Bytes& current = inode_->current;
    durable.resize(current.size(), '\0');
    for (const std::uint64_t page : inode_->dirty) {
      const std::uint64_t from = page * page_bytes;
      const std::uint64_t to = std::min<std::uint64_t>(from + page_bytes, current.size());
      if (from < to) std::memcpy(durable.data() + from, current.data() + from, to - from);
    }
    inode_->dirty.clear();
    return {};
  }

  Result<void> reserve(std::uint64_t bytes) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    const std::uint64_t owned = std::max<std::uint64_t>(inode_->current.size(), inode_->reserved);
    if (bytes > owned && disk_.used() + (bytes - owned) > disk_.room_) {
      return error_of("set room aside for", path_, ENOSPC);
    }
    inode_->reserved = std::max(inode_->reserved, bytes);
    return {};
  }

  Result<void> truncate(std::uint64_t bytes) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    inode_->current.resize(bytes, '\0');
    inode_->reserved = 0;
    return {};
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    return std::uint64_t{inode_->current.size()};
  }

 private:
  MemoryDisk& disk_;
  const std::string path_;
  const std::shared_ptr<MemoryDisk::Inode> inode_;
  const std::uint64_t generation_;
};

class MemoryPage final : public Page {
 public:
  MemoryPage(MemoryDisk& disk, std::string path, std::shared_ptr<MemoryDisk::Inode> inode)
      : disk_(disk),
        path_(std::move(path)),
        inode_(std::move(inode)),
        page_(inode_->page),
        generation_(disk.generation_) {}

  // After a death these bytes are no longer those of the disk, as it must be.
  char* bytes() override { return page_.get(); }

  Result<void> sync() override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    if (auto counted = disk_.count_sync(path_); !counted) return counted;
    inode_->page_durable.assign(page_.get(), page_bytes);
    return {};
  }

 private:
  MemoryDisk& disk_;
  const std::string path_;
  const std::shared_ptr<MemoryDisk::Inode> inode_;
  const std::shared_ptr<char[]> page_;
  const std::uint64_t generation_;
};

class MemoryLock final : public Lock {
 public:
  MemoryLock(MemoryDisk& disk, std::string path)
      : disk_(disk), path_(std::move(path)), generation_(disk.generation_) {}
  ~MemoryLock() override {
    const std::lock_guard lock{disk_.mutex_};
    if (generation_ == disk_.generation_) disk_.locks_.erase(path_);
  }

 private:
  MemoryDisk& disk_;
  const std::string path_;
  const std::uint64_t generation_;
};

class MemoryDirectory final : public Directory {
 public:
  // `path` is empty for the root, else it ends without '/'.
  MemoryDirectory(MemoryDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
    const std::lock_guard lock{disk_.mutex_};
    generation_ = disk_.generation_;
  }

  std::string path() const override { return path_; }

  std::unique_ptr<Directory> directory(std::string_view name) override {
    return std::make_unique<MemoryDirectory>(disk_, path_of(name));
  }

  Result<void> make() override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    for (std::size_t at = path_.find('/'); at != std::string::npos; at = path_.find('/', at + 1)) {
      disk_.directories_.insert(path_.substr(0, at));
    }
    disk_.directories_.insert(path_);
    return {};
  }

  Result<std::unique_ptr<File>> open(std::string_view name, Open mode) override {
    const std::lock_guard lock{disk_.mutex_};
    auto inode = open_inode(name, mode);
    if (!inode) return inode.error();
    ++disk_.opens_;
    return std::unique_ptr<File>{std::make_unique<MemoryFile>(disk_, path_of(name), *inode)};
  }

  Result<std::unique_ptr<Page>> map(std::string_view name, Open mode) override {
    const std::lock_guard lock{disk_.mutex_};
    auto opened = open_inode(name, mode);
    if (!opened) return opened.error();
    MemoryDisk::Inode& inode = **opened;
    if (inode.page == nullptr) {
      if (inode.current.size() < page_bytes) {
        if (mode == Open::read) return error_of("map the short file", path_of(name), ENOENT);
        if (disk_.used() + page_bytes > disk_.room_) {
          return error_of("write", path_of(name), ENOSPC);
        }
        inode.current.resize(page_bytes, '\0');
      }
      inode.page = std::make_shared<char[]>(page_bytes);
      std::memcpy(inode.page.get(), inode.current.data(), page_bytes);
      inode.page_durable = inode.durable;
      inode.page_durable.resize(page_bytes, '\0');
    }
    return std::unique_ptr<Page>{std::make_unique<MemoryPage>(disk_, path_of(name), *opened)};
  }

  Result<std::unique_ptr<Lock>> lock(std::string_view name, std::string_view program,
                                     Duration) override {
    auto file = open(name, Open::create);
    if (!file) return file.error();
    const std::lock_guard lock{disk_.mutex_};
    const auto [held, taken] = disk_.locks_.emplace(path_of(name), program);
    if (!taken) {
      return Error{Outcome::conflict,
                   fmt::format("{} is held by {} (pid 0)", path_of(name), held->second)};
    }
    return std::unique_ptr<Lock>{std::make_unique<MemoryLock>(disk_, path_of(name))};
  }

  Result<std::vector<std::string>> list() override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    if (!path_.empty() && !disk_.directories_.contains(path_)) {
      return error_of("list", path_, ENOENT);
    }
    std::set<std::string> names;
    const auto add = [&](const std::string& path) {
      const std::string prefix = path_.empty() ? "" : path_ + "/";
      if (path.size() <= prefix.size() || !path.starts_with(prefix)) return;
      names.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
    };
    for (const auto& [path, inode] : disk_.names_)
      add(path);
    for (const auto& path : disk_.directories_)
      add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<void> rename(std::string_view source, std::string_view target) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    auto moved = disk_.names_.extract(path_of(source));
    if (moved.empty()) return error_of("rename", path_of(source), ENOENT);
    disk_.names_[path_of(target)] = std::move(moved.mapped());
    return {};
  }

  Result<void> remove(std::string_view name) override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    if (disk_.names_.erase(path_of(name)) == 0) return error_of("remove", path_of(name), ENOENT);
    return {};
  }

  Result<void> sync() override {
    const std::lock_guard lock{disk_.mutex_};
    if (auto alive = disk_.alive(generation_, path_); !alive) return alive.error();
    if (auto counted = disk_.count_sync(path_); !counted) return counted;
    const auto is_here = [this](const std::string& path) {
      const std::size_t slash = path.rfind('/');
      return (slash == std::string::npos ? "" : path.substr(0, slash)) == path_;
    };
    std::erase_if(disk_.durable_names_, [&](const auto& name) { return is_here(name.first); });
    for (const auto& [path, inode] : disk_.names_) {
      if (is_here(path)) disk_.durable_names_[path] = inode;
    }
    return {};
  }

 private:
  std::string path_of(std::string_view name) const {
    return path_.empty() ? std::string{name} : fmt::format("{}/{}", path_, name);
  }

  Result<std::shared_ptr<MemoryDisk::Inode>> open_inode(std::string_view name, Open mode) {
    const std::string path = path_of(name);
    if (auto alive = disk_.alive(generation_, path); !alive) return alive.error();
    auto inode = disk_.find(path);
    if (inode != nullptr) return inode;
    if (mode != Open::create || (!path_.empty() && !disk_.directories_.contains(path_))) {
      return error_of("open", path, ENOENT);
    }
    inode = std::make_shared<MemoryDisk::Inode>();
    disk_.names_[path] = inode;
    return inode;
  }

  MemoryDisk& disk_;
  const std::string path_;
  std::uint64_t generation_ = 0;
};

std::unique_ptr<Directory> MemoryDisk::root() {
  return std::make_unique<MemoryDirectory>(*this, "");
}

}  // namespace cauce::disk
