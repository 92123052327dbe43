#include "app/backup_files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>

#include "crypto/crypto.h"
#include "disk/error.h"
#include "disk/posix.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1 << 20;
// So that the syncs of a cauce on the same disk never wait behind one large pile.
constexpr std::uint64_t sync_bytes = 8 << 20;
constexpr std::size_t path_bytes_max = 4096;
constexpr std::size_t digits = 64;

Result<std::unique_ptr<disk::File>> open_file(const fs::path& file, disk::Open mode) {
  return disk::posix_directory(file.parent_path())->open(file.filename().string(), mode);
}

// Reads `file` to its end, piece by piece.
Result<Bytes> read_pieces(const fs::path& file,
                          const std::function<Result<void>(std::uint64_t, BytesView)>& take) {
  auto source = open_file(file, disk::Open::read);
  if (!source) return source.error();
  crypto::Sha256 sha256;
  Bytes piece(piece_bytes, '\0');
  for (std::uint64_t offset = 0;;) {
    auto count = (*source)->read_at(offset, piece.data(), piece.size());
    if (!count) return count.error();
    if (*count == 0) return sha256.finish();
    const BytesView bytes{piece.data(), *count};
    sha256.add(bytes);
    if (auto taken = take(offset, bytes); !taken) return taken.error();
    offset += *count;
  }
}

bool is_path_inside(std::string_view path) {
  if (path.empty() || path.size() > path_bytes_max) return false;
  while (true) {
    const std::size_t slash = path.find('/');
    const std::string_view name = path.substr(0, slash);
    const bool is_plain = std::all_of(name.begin(), name.end(), [](unsigned char character) {
      return character > ' ' && character != 0x7f;
    });
    if (name.empty() || name == "." || name == ".." || !is_plain) return false;
    if (slash == std::string_view::npos) return true;
    path.remove_prefix(slash + 1);
  }
}

}  // namespace

Result<Bytes> hash_file(const fs::path& file) {
  return read_pieces(file, [](std::uint64_t, BytesView) { return Result<void>{}; });
}

Result<Bytes> copy_hashed(const fs::path& source, const fs::path& target) {
  std::error_code ignored;  // what cannot be removed cannot be made either
  fs::remove(target, ignored);
  auto file = open_file(target, disk::Open::create);
  if (!file) return file.error();
  if (chmod(target.c_str(), 0600) != 0) return disk::error_of("protect", target.string(), errno);
  std::uint64_t synced = 0;
  return read_pieces(source, [&](std::uint64_t offset, BytesView bytes) -> Result<void> {
    if (auto written = (*file)->write_at(offset, bytes); !written) return written;
    if (offset - synced < sync_bytes) return {};
    synced = offset;
    return (*file)->sync();
  });
}

Result<void> write_file(const fs::path& file, BytesView content) {
  auto target = open_file(file, disk::Open::create);
  if (!target) return target.error();
  if (chmod(file.c_str(), 0600) != 0) return disk::error_of("protect", file.string(), errno);
  return (*target)->write_at(0, content);
}

Result<void> sync_file_system(const fs::path& directory) {
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return disk::error_of("open", directory.string(), errno);
  const bool synced = syncfs(opened) == 0;
  const int number = errno;
  ::close(opened);
  if (!synced) return disk::error_of("sync the file system of", directory.string(), number);
  return {};
}

Result<void> replace_file(const fs::path& file, BytesView content) {
  const auto directory = disk::posix_directory(file.parent_path());
  const std::string unfinished = file.filename().string() + ".unfinished";
  std::error_code ignored;  // the write says what matters
  fs::remove(file.parent_path() / unfinished, ignored);
  auto written = directory->open(unfinished, disk::Open::create);
  if (!written) return written.error();
  Result<void> done = (*written)->write_at(0, content);
  if (done) done = (*written)->sync();
  if (done) done = directory->rename(unfinished, file.filename().string());
  if (done) done = directory->sync();
  return done;
}

Result<void> make_private_directory(const fs::path& directory) {
  std::error_code failure;
  if (fs::is_directory(directory, failure)) return {};
  if (directory.has_parent_path()) {
    if (auto made = make_private_directory(directory.parent_path()); !made) return made;
  }
  if (mkdir(directory.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return disk::error_of("make the directory", directory.string(), errno);
}

Result<std::vector<std::string>> files_below(const fs::path& directory) {
  std::vector<std::string> files;
  std::error_code failure;
  fs::recursive_directory_iterator entry(directory, failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    std::error_code vanished;
    if (entry->is_regular_file(vanished)) {
      files.push_back(entry->path().lexically_relative(directory).string());
    }
  }
  if (failure) return disk::error_of("list", directory.string(), failure.value());
  std::sort(files.begin(), files.end());
  return files;
}

std::string line_of(const Sum& sum) {
  return to_hex(sum.sha256) + "  " + sum.path + "\n";
}

Result<void> read_sums(const fs::path& file, const std::function<Result<void>(const Sum&)>& take) {
  std::ifstream lines{file};
  if (!lines) return disk::error_of("open", file.string(), errno);
  std::string line;
  for (std::uint64_t number = 1; std::getline(lines, line); ++number) {
    Sum sum;
    const bool is_sum = line.size() > digits + 2 && line.compare(digits, 2, "  ") == 0 &&
                        from_hex(std::string_view{line}.substr(0, digits), sum.sha256) &&
                        is_path_inside(std::string_view{line}.substr(digits + 2));
    if (!is_sum) {
      return Error{Outcome::corrupt, fmt::format("{}:{}: not a checksum and a path inside the "
                                                 "backup",
                                                 file.string(), number)};
    }
    sum.path = line.substr(digits + 2);
    if (auto taken = take(sum); !taken) return taken;
  }
  return {};
}

}  // namespace cauce::app
