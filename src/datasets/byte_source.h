// The bytes of a file from the first to the last, in pieces. Layers lie one on the other: a file,
// what unpacks it, what turns its encoding into UTF-8. A source belongs to one thread.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/result.h"

namespace cauce::datasets {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Writes at most bytes_max (at least 1) to `target` and answers how many; 0: the end is reached.
  virtual Result<std::size_t> read(char* target, std::size_t bytes_max) = 0;
};

// Starts the same bytes anew, for another pass. The same bytes must come each time.
using OpenSource = std::function<Result<std::unique_ptr<ByteSource>>()>;

// A regular file. not_found, unavailable: names the path.
Result<std::unique_ptr<ByteSource>> open_file_source(const std::filesystem::path& file);

// Fills `target` as far as the source has bytes; answers less than bytes_max only at the end.
Result<std::size_t> read_fully(ByteSource& source, char* target, std::size_t bytes_max);

// `bytes` as a source; they outlive it.
std::unique_ptr<ByteSource> source_of(std::string_view bytes);

}  // namespace cauce::datasets
