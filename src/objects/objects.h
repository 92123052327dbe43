// The object store: named, immutable byte strings. A key is '/'-separated names with '=' allowed
// ("lake/company=acme/day=2026-11-21/0-99.parquet"). Objects commit nothing by being there: only a
// manifest entry does (manifest.h). Engines: files/ (a directory), memory/; each passes
// objects_contract.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::objects {

constexpr std::size_t key_bytes_max = 900;
// A name between two slashes; what file systems allow.
constexpr std::size_t key_name_bytes_max = 255;
// The largest object that is put or got as bytes. A file that is put may be larger, and is then
// read as a local copy only.
constexpr std::uint64_t object_bytes_max = 1ull << 30;

// Names of A-Z a-z 0-9 _ - . = between single slashes, none beginning with '.'; so a key can leave
// no directory and meet no hidden file. No key may be the folder of another one.
bool is_key(std::string_view key);
// `invalid` naming the key and the rule, unless is_key(key).
Result<void> check_key(std::string_view key);

struct Object {
  std::string key;
  std::uint64_t bytes = 0;
};

// Any thread. Every function answers `invalid` for what is no key, `exhausted` when there is no
// room (nothing was changed; try again later), `corrupt` when the device failed in a way that
// leaves unknown what is stored: stop.
class Objects {
 public:
  virtual ~Objects() = default;

  // Durable, and visible as a whole or not at all, when it returns. Replaces an object of that key.
  virtual Result<void> put(std::string_view key, BytesView bytes) = 0;
  // The same with the content of a local file, which is gone when it succeeds: moved when it lies
  // on the same file system, else copied. It need not be synced.
  virtual Result<void> put_file(std::string_view key, const std::filesystem::path& file) = 0;
  // As put, but answers `conflict` when the key exists: of many creators exactly one wins.
  virtual Result<void> create(std::string_view key, BytesView bytes) = 0;

  virtual Result<Bytes> get(std::string_view key) = 0;  // not_found
  // A local file with the object's bytes, valid until the object is removed. Not to be written.
  virtual Result<std::filesystem::path> local_copy(std::string_view key) = 0;  // not_found

  // Keys that begin with `prefix` (which may end inside a name or be empty), in byte order.
  virtual Result<std::vector<Object>> list(std::string_view prefix) = 0;
  // Removing what does not exist succeeds.
  virtual Result<void> remove(std::string_view key) = 0;
};

}  // namespace cauce::objects
