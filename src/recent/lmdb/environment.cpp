#include "recent/lmdb/environment.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <lmdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "base/failpoint.h"
#include "disk/error.h"
#include "disk/posix.h"

namespace cauce::recent::lmdb {
namespace {

// 1,024 snapshots at one moment over all processes; LMDB's own default is 126.
constexpr unsigned readers_max = 1024;
constexpr const char* data_file = "data.mdb";

Error failure_of(int code, std::string_view activity, const std::filesystem::path& directory) {
  const auto describe = [&](Outcome outcome, std::string_view next_step) {
    return Error{outcome, fmt::format("{} in {} failed: {}; {}", activity, directory.string(),
                                      mdb_strerror(code), next_step)};
  };
  switch (code) {
    case MDB_MAP_FULL:
      return describe(Outcome::exhausted,
                      "raise month_bytes_max or shorten the time to live of the recent store");
    case ENOSPC:
    case EDQUOT: return describe(Outcome::exhausted, "free disk space");
    case MDB_READERS_FULL:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EAGAIN: return describe(Outcome::unavailable, "try again");
    case MDB_MAP_RESIZED: return describe(Outcome::conflict, "open it again");
    case MDB_VERSION_MISMATCH:
      return describe(Outcome::unsupported, "it was written by another version of LMDB");
    case EACCES:
    case EPERM:
    case EROFS: return describe(Outcome::denied, "check who owns the folder");
    default:
      return describe(Outcome::corrupt,
                      "check the disk, move the folder away and replay the facts");
  }
}

MDB_val to_value(BytesView bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

BytesView to_view(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

// A transaction that is given up unless it is committed.
class Transaction {
 public:
  explicit Transaction(MDB_env* environment) : environment_(environment) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() {
    if (transaction_ != nullptr) mdb_txn_abort(transaction_);
  }

  // Each answers LMDB's code, 0 when it went well.
  int begin(unsigned flags) { return mdb_txn_begin(environment_, nullptr, flags, &transaction_); }
  int commit() { return mdb_txn_commit(std::exchange(transaction_, nullptr)); }

  MDB_txn* get() const { return transaction_; }

 private:
  MDB_env* environment_;
  MDB_txn* transaction_ = nullptr;
};

class LmdbSnapshot final : public Snapshot {
 public:
  LmdbSnapshot(std::shared_ptr<Environment> environment, MDB_env* handle, MDB_dbi database,
               const std::filesystem::path& directory)
      : environment_(std::move(environment)),
        database_(database),
        directory_(directory),
        transaction_(handle) {}
  ~LmdbSnapshot() override {
    if (cursor_ != nullptr) mdb_cursor_close(cursor_);
  }

  int begin() { return transaction_.begin(MDB_RDONLY); }

  Result<std::optional<BytesView>> get(BytesView key) override {
    MDB_val wanted = to_value(key);
    MDB_val value{};
    const int code = mdb_get(transaction_.get(), database_, &wanted, &value);
    if (code == MDB_NOTFOUND) return std::optional<BytesView>{};
    if (code != 0) return failure_of(code, "reading", directory_);
    return std::optional{to_view(value)};
  }

  Result<std::optional<Entry>> at_or_after(BytesView key) override {
    if (cursor_ == nullptr) {
      const int code = mdb_cursor_open(transaction_.get(), database_, &cursor_);
      if (code != 0) return failure_of(code, "reading", directory_);
    }
    MDB_val found = to_value(key);
    MDB_val value{};
    const int code = mdb_cursor_get(cursor_, &found, &value, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) return std::optional<Entry>{};
    if (code != 0) return failure_of(code, "reading", directory_);
    return std::optional{Entry{to_view(found), to_view(value)}};
  }

 private:
  const std::shared_ptr<Environment> environment_;
  const MDB_dbi database_;
  const std::filesystem::path& directory_;
  Transaction transaction_;
  MDB_cursor* cursor_ = nullptr;
};

}  // namespace

Result<std::shared_ptr<Environment>> Environment::open(const std::filesystem::path& directory,
                                                       Access access, std::uint64_t bytes_max) {
  std::shared_ptr<Environment> environment{new Environment(directory)};
  struct stat status{};
  if (::stat((directory / data_file).c_str(), &status) != 0) {
    if (errno == ENOENT) return std::shared_ptr<Environment>{};
    return failure_of(errno, "opening", directory);
  }
  auto started = environment->start(access, bytes_max);
  if (!started && started.error().outcome == Outcome::not_found) {
    return std::shared_ptr<Environment>{};
  }
  if (!started) return started.error();
  if (auto checked = environment->check_format(); !checked) return checked.error();
  return environment;
}

Result<void> Environment::create(const std::filesystem::path& directory, std::uint64_t bytes_max) {
  const std::string name = directory.filename();
  const std::string unfinished = "." + name + ".new";
  const auto parent = disk::posix_directory(directory.parent_path());
  std::error_code failure;
  std::filesystem::remove_all(directory.parent_path() / unfinished, failure);
  if (failure) return failure_of(failure.value(), "creating a month", directory);
  if (auto made = parent->directory(unfinished)->make(); !made) return made;
  {
    Environment environment{directory.parent_path() / unfinished};
    if (auto started = environment.start(Access::write, bytes_max); !started) return started;
    Bytes version;
    put_u32(version, format_version);
    if (auto written = environment.commit({{format_key(), version}}); !written) return written;
  }
  // LMDB makes the contents of its files durable, not their names.
  if (auto synced = parent->directory(unfinished)->sync(); !synced) return synced;
  if (auto renamed = parent->rename(unfinished, name); !renamed) return renamed;
  return parent->sync();
}

Environment::~Environment() {
  if (environment_ != nullptr) mdb_env_close(environment_);
}

Result<void> Environment::start(Access access, std::uint64_t bytes_max) {
  int code = mdb_env_create(&environment_);
  if (code == 0) code = mdb_env_set_maxreaders(environment_, readers_max);
  // Readers take the size from the file.
  if (code == 0 && access == Access::write) code = mdb_env_set_mapsize(environment_, bytes_max);
  // MDB_NOTLS ties a reader's slot to its transaction, so that a thread may hold several.
  const unsigned flags = MDB_NOTLS | (access == Access::read ? MDB_RDONLY : 0u);
  if (code == 0) code = mdb_env_open(environment_, directory_.c_str(), flags, 0640);
  if (code == ENOENT) {
    return Error{Outcome::not_found, fmt::format("{} is gone", directory_.string())};
  }
  if (code != 0) return failure_of(code, "opening", directory_);
  int handle = -1;
  mdb_env_get_fd(environment_, &handle);
  struct stat status{};
  if (::fstat(handle, &status) != 0) return failure_of(errno, "opening", directory_);
  file_ = status.st_ino;
  bytes_max_ = bytes_max;
  release_dead_readers();
  // The number of the one database is found once: LMDB forbids to do so in two threads at a time.
  Transaction transaction{environment_};
  code = transaction.begin(MDB_RDONLY);
  if (code == 0) code = mdb_dbi_open(transaction.get(), nullptr, 0, &database_);
  if (code == 0) code = transaction.commit();
  if (code != 0) return failure_of(code, "opening", directory_);
  return {};
}

Result<void> Environment::check_format() {
  Transaction transaction{environment_};
  const Bytes key = format_key();
  MDB_val wanted = to_value(key);
  MDB_val value{};
  int code = transaction.begin(MDB_RDONLY);
  if (code == 0) code = mdb_get(transaction.get(), database_, &wanted, &value);
  if (code != 0) return failure_of(code, "reading the format's version", directory_);
  ByteReader reader{to_view(value)};
  const std::uint32_t version = reader.u32();
  if (!reader.complete() || version != format_version) {
    return Error{Outcome::unsupported,
                 fmt::format("{} holds version {} of the recent store's format, this program reads "
                             "{}; use the program that wrote it, or move the folder away: recent "
                             "curves then begin anew, lake and facts keep everything",
                             directory_.string(), version, format_version)};
  }
  return {};
}

Result<void> Environment::commit(const Writes& writes) {
  Transaction transaction{environment_};
  int code = transaction.begin(0);
  for (auto write = writes.begin(); code == 0 && write != writes.end(); ++write) {
    const auto& [key, value] = *write;
    MDB_val target = to_value(key);
    if (!value) {
      code = mdb_del(transaction.get(), database_, &target, nullptr);
      if (code == MDB_NOTFOUND) code = 0;
      continue;
    }
    if (key.front() == char(Kind::summary)) {
      MDB_val present{};
      code = mdb_get(transaction.get(), database_, &target, &present);
      if (code == 0) {
        const auto wins = replaces(*write, to_view(present));
        if (!wins) return wins.error();
        if (!*wins) continue;
      }
      if (code != 0 && code != MDB_NOTFOUND) break;
    }
    MDB_val stored = to_value(*value);
    code = mdb_put(transaction.get(), database_, &target, &stored, 0);
  }
  if (code == 0) {
    FAILPOINT("recent.before_commit");
    code = transaction.commit();
  }
  if (code != 0) {
    return failure_of(code, fmt::format("committing under the limit of {} bytes", bytes_max_),
                      directory_);
  }
  return {};
}

Result<std::unique_ptr<Snapshot>> Environment::read(std::shared_ptr<Environment> environment) {
  const Environment& open = *environment;
  auto snapshot = std::make_unique<LmdbSnapshot>(std::move(environment), open.environment_,
                                                 open.database_, open.directory_);
  if (const int code = snapshot->begin(); code != 0) {
    return failure_of(code, "reading", open.directory_);
  }
  return std::unique_ptr<Snapshot>{std::move(snapshot)};
}

Result<void> Environment::copy_to(const std::filesystem::path& directory) {
  const auto target = directory / data_file;
  const int file = ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return disk::error_of("make", target.string(), errno);
  // Compact: a plain copy would hold the writer's mutex for a moment, and copy the free pages.
  const int code = mdb_env_copyfd2(environment_, file, MDB_CP_COMPACT);
  ::close(file);
  if (code == ENOSPC) return disk::error_of("write", target.string(), code);
  if (code != 0) return failure_of(code, "copying", directory_);
  return {};
}

void Environment::release_dead_readers() {
  int released = 0;
  // It can fail only where the next transaction fails as well, and says why.
  static_cast<void>(mdb_reader_check(environment_, &released));
}

}  // namespace cauce::recent::lmdb
