#include "objects/memory/memory.h"

#include <fmt/core.h>

#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>

namespace cauce::objects {
namespace {

class MemoryObjects final : public Objects {
 public:
  explicit MemoryObjects(std::filesystem::path copies) : copies_(std::move(copies)) {}

  Result<void> put(std::string_view key, BytesView bytes) override {
    const std::lock_guard lock(mutex_);
    return store(key, bytes);
  }

  Result<void> put_file(std::string_view key, const std::filesystem::path& file) override {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return Error{Outcome::not_found, fmt::format("cannot open {}", file.string())};
    const Bytes bytes{std::istreambuf_iterator<char>(stream), {}};
    const std::lock_guard lock(mutex_);
    auto stored = store(key, bytes);
    if (stored) std::filesystem::remove(file);
    return stored;
  }

  Result<void> create(std::string_view key, BytesView bytes) override {
    const std::lock_guard lock(mutex_);
    if (stored_.contains(key)) {
      return Error{Outcome::conflict, fmt::format("object {} exists already", key)};
    }
    return store(key, bytes);
  }

  Result<Bytes> get(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    auto found = find(key);
    if (!found) return found.error();
    return (*found)->bytes;
  }

  Result<std::filesystem::path> local_copy(std::string_view key) override {
    const std::lock_guard lock(mutex_);
    auto found = find(key);
    if (!found) return found.error();
    Stored& stored = **found;
    if (!stored.copy) {
      const std::filesystem::path path = copies_ / fmt::format("object-{}", copies_made_++);
      std::ofstream stream(path, std::ios::binary);
      stream.write(stored.bytes.data(), static_cast<std::streamsize>(stored.bytes.size()));
      stream.close();
      if (!stream) {
        return Error{Outcome::exhausted, fmt::format("cannot write {}", path.string())};
      }
      stored.copy = path;
    }
    return *stored.copy;
  }

  Result<std::vector<Object>> list(std::string_view prefix) override {
    const std::lock_guard lock(mutex_);
    std::vector<Object> found;
    for (auto entry = stored_.lower_bound(prefix);
         entry != stored_.end() && entry->first.starts_with(prefix); ++entry) {
      found.push_back({entry->first, entry->second.bytes.size()});
    }
    return found;
  }

  Result<void> remove(std::string_view key) override {
    auto valid = check_key(key);
    if (!valid) return valid;
    const std::lock_guard lock(mutex_);
    const auto entry = stored_.find(key);
    if (entry == stored_.end()) return {};
    forget_copy(entry->second);
    stored_.erase(entry);
    return {};
  }

 private:
  struct Stored {
    Bytes bytes;
    std::optional<std::filesystem::path> copy;
  };

  // A directory cannot be a file: the same keys clash here as in files/.
  bool is_folder_or_inside_object(std::string_view key) const {
    const std::string folder = std::string(key) + "/";
    const auto inside = stored_.lower_bound(folder);
    if (inside != stored_.end() && inside->first.starts_with(folder)) return true;
    for (std::size_t slash = key.find('/'); slash != std::string_view::npos;
         slash = key.find('/', slash + 1)) {
      if (stored_.contains(key.substr(0, slash))) return true;
    }
    return false;
  }

  Result<void> store(std::string_view key, BytesView bytes) {
    auto valid = check_key(key);
    if (!valid) return valid;
    if (is_folder_or_inside_object(key)) {
      return Error{Outcome::invalid,
                   fmt::format("cannot store object {}: a key cannot be both an object and the "
                               "folder of another one",
                               key)};
    }
    Stored& stored = stored_[std::string(key)];
    forget_copy(stored);
    stored.bytes = bytes;
    return {};
  }

  Result<Stored*> find(std::string_view key) {
    auto valid = check_key(key);
    if (!valid) return valid.error();
    const auto entry = stored_.find(key);
    if (entry == stored_.end()) {
      return Error{Outcome::not_found, fmt::format("there is no object {}", key)};
    }
    return &entry->second;
  }

  static void forget_copy(Stored& stored) {
    if (!stored.copy) return;
    std::error_code ignored;  // the owner of the directory removes it in the end
    std::filesystem::remove(*stored.copy, ignored);
    stored.copy.reset();
  }

  const std::filesystem::path copies_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, Stored, std::less<>> stored_;
  std::uint64_t copies_made_ = 0;
};

}  // namespace

std::unique_ptr<Objects> memory_objects(std::filesystem::path copies) {
  return std::make_unique<MemoryObjects>(std::move(copies));
}

}  // namespace cauce::objects
