// A window on a file: bytes at an offset, read ahead so that walking small frames costs one read
// for many. Bounded: as large as the largest piece asked for, shrinking again after it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "disk/directory.h"

namespace cauce::stream::embedded {

// One thread. The file outlives it.
class Window {
 public:
  explicit Window(disk::File& file) : file_(file) {}

  // `count` bytes at `offset`, fewer where the file or `limit` ends: what lies at or beyond `limit`
  // may still change and is not read. Valid until the next call.
  Result<BytesView> at(std::uint64_t offset, std::size_t count, std::uint64_t limit);

 private:
  Result<void> move_to(std::uint64_t offset, std::size_t wanted, std::uint64_t left);

  disk::File& file_;
  Bytes bytes_;
  std::uint64_t offset_ = 0;
};

}  // namespace cauce::stream::embedded
