// Files and directories as the stores use them, passed in so that a test can take the machine's
// power away: disk/posix.h is the real one, disk/memory/memory.h the one that forgets.
//
// What is durable: the bytes of a file after its sync(), a name after its directory's sync().
// Outcomes: not_found, conflict (the name exists), exhausted (no room left), denied, unavailable
// (the device failed). After a failed sync() nothing more can be known about the file: never retry
// it, stop the process (the kernel may have dropped the pages and will report success).
//
// A Directory and a File may be used from any thread; one File's writes are its owner's to order.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::disk {

enum class Open {
  read,    // must exist
  write,   // for reading and writing; must exist
  create,  // for reading and writing; is made when absent
};

class File {
 public:
  virtual ~File() = default;

  // Reads up to `count` bytes at `offset` into `target`; fewer only where the file ends.
  virtual Result<std::size_t> read_at(std::uint64_t offset, char* target, std::size_t count) = 0;
  // Writes all of `bytes`. After an error any part of it may have been written.
  virtual Result<void> write_at(std::uint64_t offset, BytesView bytes) = 0;
  // Makes what was written durable, and the size.
  virtual Result<void> sync() = 0;
  // Sets room for the first `bytes` of the file aside without zeroing it or changing the size.
  // Succeeds without effect on file systems that cannot.
  virtual Result<void> reserve(std::uint64_t bytes) = 0;
  // Sets the size and gives room beyond it back.
  virtual Result<void> truncate(std::uint64_t bytes) = 0;
  virtual Result<std::uint64_t> size() = 0;
};

constexpr std::size_t page_bytes = 4096;

// The first 4 KiB of a file as memory that all who map it share, in every process.
class Page {
 public:
  virtual ~Page() = default;
  // page_bytes long; may only be written when it was mapped with Open::write or Open::create.
  virtual char* bytes() = 0;
  virtual Result<void> sync() = 0;
};

// Held until it is destroyed, or its process dies in whatever way.
class Lock {
 public:
  virtual ~Lock() = default;
};

class Directory {
 public:
  virtual ~Directory() = default;

  // Where it is, for messages.
  virtual std::string path() const = 0;
  // A directory in this one, which need not exist.
  virtual std::unique_ptr<Directory> directory(std::string_view name) = 0;
  // Makes this directory and its parents where they are absent; durable when it returns.
  virtual Result<void> make() = 0;

  virtual Result<std::unique_ptr<File>> open(std::string_view name, Open mode) = 0;
  // `not_found` when the file is shorter than a page and may not be made one.
  virtual Result<std::unique_ptr<Page>> map(std::string_view name, Open mode) = 0;
  // Takes the lock in the file `name`, waiting up to `span_max` for its holder to go. `conflict`
  // names the holder; `program` is the name that others will read.
  virtual Result<std::unique_ptr<Lock>> lock(std::string_view name, std::string_view program,
                                             Duration span_max) = 0;
  // Names of files and directories in it, in byte order.
  virtual Result<std::vector<std::string>> list() = 0;
  // Replaces `target` when it exists.
  virtual Result<void> rename(std::string_view source, std::string_view target) = 0;
  virtual Result<void> remove(std::string_view name) = 0;
  // Makes the names in it durable.
  virtual Result<void> sync() = 0;
};

}  // namespace cauce::disk
