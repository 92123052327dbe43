#include "objects/files/files.h"

#include <errno.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <system_error>

#include "base/failpoint.h"
#include "disk/error.h"
#include "objects/files/durable_file.h"
#include "objects/files/workspace.h"

namespace cauce::objects {
namespace {

// Directories remembered as durable. Beyond that all are forgotten, which only costs syncs.
constexpr std::size_t durable_directories_max = 10'000;

Error not_found(std::string_view key) {
  return {Outcome::not_found, fmt::format("there is no object {}", key)};
}

bool is_absent(int number) {
  return number == ENOENT || number == ENOTDIR || number == EISDIR;
}

// A key that runs through another key, or is its folder.
Error error_of_name(std::string_view activity, std::string_view key, int number) {
  if (number == ENOTDIR || number == EISDIR || number == ENOTEMPTY) {
    return {Outcome::invalid, fmt::format("cannot {} object {}: a key cannot be both an object and "
                                          "the folder of another one",
                                          activity, key)};
  }
  return disk::error_of(activity, fmt::format("object {}", key), number);
}

Result<void> check_bytes(std::string_view key, std::uint64_t bytes) {
  if (bytes <= object_bytes_max) return {};
  return Error{Outcome::invalid, fmt::format("object {} has {} bytes, more than {}; split it", key,
                                             bytes, object_bytes_max)};
}

class FileObjects final : public Objects {
 public:
  explicit FileObjects(const std::filesystem::path& directory)
      : directory_(std::filesystem::absolute(directory).lexically_normal()) {}

  Result<void> put(std::string_view key, BytesView bytes) override {
    auto temporary = prepare(key, bytes);
    if (!temporary) return temporary.error();
    auto moved = move_into_place(key, *temporary);
    if (!moved) unlink(temporary->c_str());
    return moved;
  }

  Result<void> put_file(std::string_view key, const std::filesystem::path& file) override {
    auto ready = prepare_parent(key);
    if (!ready) return ready;
    struct stat source{};
    struct stat folder{};
    const std::filesystem::path parent = path_of(key).parent_path();
    if (stat(file.c_str(), &source) != 0 || stat(parent.c_str(), &folder) != 0) {
      return disk::error_of("read", file.string(), errno);
    }
    if (source.st_dev != folder.st_dev) return copy_into_place(key, file);
    auto synced = sync_path(file);
    if (!synced) return synced;
    return move_into_place(key, file);
  }

  Result<void> create(std::string_view key, BytesView bytes) override {
    auto temporary = prepare(key, bytes);
    if (!temporary) return temporary.error();
    FAILPOINT("objects.before_rename");
    const int failure = link(temporary->c_str(), path_of(key).c_str()) == 0 ? 0 : errno;
    unlink(temporary->c_str());
    if (failure == EEXIST) {
      // It may be our own from a try whose sync failed: what is found must not vanish again.
      auto synced = sync_path(path_of(key).parent_path());
      if (!synced) return synced;
      return Error{Outcome::conflict, fmt::format("object {} exists already", key)};
    }
    if (failure != 0) return error_of_name("create", key, failure);
    return sync_path(path_of(key).parent_path());
  }

  Result<Bytes> get(std::string_view key) override {
    auto valid = check_key(key);
    if (!valid) return valid.error();
    auto bytes = read_whole(path_of(key), object_bytes_max);
    if (!bytes && !is_object(key)) return not_found(key);
    return bytes;
  }

  Result<std::filesystem::path> local_copy(std::string_view key) override {
    auto valid = check_key(key);
    if (!valid) return valid.error();
    if (!is_object(key)) return not_found(key);
    return path_of(key);
  }

  Result<std::vector<Object>> list(std::string_view prefix) override {
    const std::size_t slash = prefix.rfind('/');
    const std::string folder{slash == std::string_view::npos ? "" : prefix.substr(0, slash)};
    if (!folder.empty() && !is_key(folder)) return check_key(folder).error();
    std::vector<Object> found;
    auto walked = walk(folder, prefix, found);
    if (!walked) return walked.error();
    std::sort(found.begin(), found.end(),
              [](const Object& left, const Object& right) { return left.key < right.key; });
    return found;
  }

  Result<void> remove(std::string_view key) override {
    auto valid = check_key(key);
    if (!valid) return valid;
    if (unlink(path_of(key).c_str()) != 0 && !is_absent(errno)) {
      return disk::error_of("remove", fmt::format("object {}", key), errno);
    }
    return {};
  }

 private:
  std::filesystem::path path_of(std::string_view key) const { return directory_ / key; }

  bool is_object(std::string_view key) const {
    struct stat status{};
    return stat(path_of(key).c_str(), &status) == 0 && S_ISREG(status.st_mode);
  }

  // Everything before the name appears: a synced temporary file with the bytes.
  Result<std::filesystem::path> prepare(std::string_view key, BytesView bytes) {
    auto fits = check_bytes(key, bytes.size());
    if (!fits) return fits.error();
    auto ready = prepare_parent(key);
    if (!ready) return ready.error();
    auto temporary = temporary_path();
    if (!temporary) return temporary;
    auto written = write_synced(*temporary, bytes);
    if (!written) return written.error().during(fmt::format("store object {}", key));
    return temporary;
  }

  Result<void> copy_into_place(std::string_view key, const std::filesystem::path& file) {
    auto temporary = temporary_path();
    if (!temporary) return temporary.error();
    auto copied = copy_synced(file, *temporary);
    if (!copied) return copied.error().during(fmt::format("store object {}", key));
    auto moved = move_into_place(key, *temporary);
    unlink(moved ? file.c_str() : temporary->c_str());
    return moved;
  }

  Result<void> move_into_place(std::string_view key, const std::filesystem::path& file) {
    FAILPOINT("objects.before_rename");
    const std::filesystem::path target = path_of(key);
    if (rename(file.c_str(), target.c_str()) != 0) return error_of_name("store", key, errno);
    return sync_path(target.parent_path());
  }

  Result<std::filesystem::path> temporary_path() {
    const std::lock_guard lock(mutex_);
    if (!workspace_) {
      auto opened = Workspace::open(directory_ / ".tmp");
      if (!opened) return opened.error();
      workspace_ = std::move(*opened);
    }
    return workspace_->next_path();
  }

  // Makes every directory above the key and makes their names durable.
  Result<void> prepare_parent(std::string_view key) {
    auto valid = check_key(key);
    if (!valid) return valid;
    const std::lock_guard lock(mutex_);
    std::filesystem::path path;
    const std::filesystem::path parent = path_of(key).parent_path();
    for (const auto& name : parent) {
      path /= name;
      auto made = make_durable(path, key);
      if (!made) return made;
    }
    return {};
  }

  Result<void> make_durable(const std::filesystem::path& path, std::string_view key) {
    if (path == path.root_path() || durable_.contains(path.native())) return {};
    const bool made = mkdir(path.c_str(), 0750) == 0;
    if (!made && errno != EEXIST) return error_of_name("make the folder of", key, errno);
    // What lies above the store and was there before is not ours to sync.
    const bool ours = path.native().size() >= directory_.native().size();
    if (made || ours) {
      auto synced = sync_path(path.parent_path());
      if (!synced) return synced;
    }
    if (durable_.size() >= durable_directories_max) durable_.clear();
    durable_.insert(path.native());
    return {};
  }

  Result<void> walk(const std::string& folder, std::string_view prefix,
                    std::vector<Object>& found) const {
    const std::filesystem::path start = folder.empty() ? directory_ : directory_ / folder;
    std::error_code failure;
    std::filesystem::recursive_directory_iterator entry(start, failure);
    if (failure && is_absent(failure.value())) return {};
    for (; !failure && entry != std::filesystem::recursive_directory_iterator();
         entry.increment(failure)) {
      const std::string key = entry->path().lexically_relative(directory_).string();
      if (entry->path().filename().native().front() == '.') {
        entry.disable_recursion_pending();
        continue;
      }
      std::error_code vanished;  // another process may remove what we list
      if (entry->is_directory(vanished) || vanished) {
        if (!key.starts_with(prefix) && !prefix.starts_with(key)) entry.disable_recursion_pending();
        continue;
      }
      if (!key.starts_with(prefix)) continue;
      const std::uint64_t bytes = entry->file_size(vanished);
      if (!vanished) found.push_back({key, bytes});
    }
    if (failure) return disk::error_of("list", start.string(), failure.value());
    return {};
  }

  const std::filesystem::path directory_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<Workspace> workspace_;
  std::set<std::string> durable_;
};

}  // namespace

std::unique_ptr<Objects> file_objects(const std::filesystem::path& directory) {
  return std::make_unique<FileObjects>(directory);
}

}  // namespace cauce::objects
