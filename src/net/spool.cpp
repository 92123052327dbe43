#include "net/spool.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "net/multipart.h"

namespace cauce::net {
namespace {

// Handed to the disk early, so that a later sync of the whole does not take long.
constexpr std::uint64_t write_back_bytes = 8 << 20;
// How often the free room of the disk is looked at again.
constexpr std::uint64_t room_check_bytes = 64 << 20;

SpoolFault full_disk() {
  return {507,
          "There is no room on the disk for this upload: remove what is not needed, or ask "
          "whoever runs this machine for a larger disk."};
}

SpoolFault fault_of(int number, const std::string& path) {
  if (number == ENOSPC || number == EDQUOT) return full_disk();
  if (number == EFBIG) return {413, "The file is larger than the file system allows."};
  return {500, fmt::format("cannot write {}: {}", path, std::strerror(number))};
}

// The descriptor, the count towards the limit of all, and the name on the disk.
class SpooledFile final : public BodyFile {
 public:
  SpooledFile(int descriptor, const BodyTarget& target, std::shared_ptr<SpooledBytes> all)
      : descriptor_(descriptor),
        path_(target.file),
        begin_(target.continue_at.value_or(0)),
        kept_(target.continue_at.has_value()),
        all_(std::move(all)) {}
  SpooledFile(const SpooledFile&) = delete;
  SpooledFile& operator=(const SpooledFile&) = delete;
  ~SpooledFile() override {
    ::close(descriptor_);
    if (!kept_) ::unlink(path_.c_str());
    all_->count -= bytes_;
  }

  const std::filesystem::path& path() const override { return path_; }
  std::uint64_t bytes() const override { return bytes_; }
  const std::string& name() const override { return name_; }
  const std::map<std::string, std::string>& fields() const override { return fields_; }
  std::filesystem::path take() override {
    kept_ = true;
    return path_;
  }

  void describe(std::string name, std::map<std::string, std::string> fields) {
    name_ = std::move(name);
    fields_ = std::move(fields);
  }

  // 0 or an errno value.
  int append(BytesView bytes) {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pwrite(descriptor_, bytes.data(), bytes.size(), off_t(begin_ + bytes_));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      bytes.remove_prefix(std::size_t(count));
      bytes_ += std::uint64_t(count);
      all_->count += std::uint64_t(count);
    }
    if (bytes_ - handed_ < write_back_bytes) return 0;
    // Its failure shows when the file is synced.
    ::sync_file_range(descriptor_, off_t(begin_ + handed_), off_t(bytes_ - handed_),
                      SYNC_FILE_RANGE_WRITE);
    handed_ = bytes_;
    return 0;
  }

 private:
  const int descriptor_;
  const std::filesystem::path path_;
  const std::uint64_t begin_;
  bool kept_;
  const std::shared_ptr<SpooledBytes> all_;
  std::uint64_t bytes_ = 0;
  std::uint64_t handed_ = 0;  // to the disk, of bytes_
  std::string name_;
  std::map<std::string, std::string> fields_;
};

class LiveSpool final : public Spool {
 public:
  LiveSpool(std::shared_ptr<SpooledFile> file, const BodyTarget& target, const Spooling& options,
            std::shared_ptr<SpooledBytes> all)
      : file_(std::move(file)), target_(target), options_(options), all_(std::move(all)) {}

  void take_apart(std::string_view boundary) {
    form_ = std::make_unique<FormReader>(boundary, [this](BytesView bytes) -> Result<void> {
      fault_ = write(bytes);
      if (fault_.status == 0) return {};
      return Error{Outcome::exhausted, fault_.why};
    });
  }

  SpoolFault take(BytesView bytes) override {
    came_ += bytes.size();
    if (came_ > target_.bytes_max)
      return {413, fmt::format("An upload may have {} bytes at most.", target_.bytes_max)};
    if (!form_) return write(bytes);
    const auto taken = form_->take(bytes);
    if (taken) return {};
    return fault_.status == 0 ? SpoolFault{422, taken.error().message} : fault_;
  }

  SpoolFault finish(std::shared_ptr<BodyFile>& made) override {
    if (form_) {
      if (const auto finished = form_->finish(); !finished) return {422, finished.error().message};
      file_->describe(form_->file_name(), form_->fields());
    }
    made = std::move(file_);
    return {};
  }

  SpoolFault check_room(std::uint64_t more) {
    if (all_->count + more > options_.bytes_max)
      return {503, "Too many bytes are being uploaded: send it again in a minute."};
    struct statvfs disk{};
    if (::statvfs(file_->path().parent_path().c_str(), &disk) != 0) return {};
    const double unit = double(disk.f_frsize);
    const double left = double(disk.f_bavail) * unit - double(more);
    // As df(1) reckons it: without the blocks reserved for root.
    const double all = double(disk.f_blocks - disk.f_bfree + disk.f_bavail) * unit;
    if (left < all * options_.disk_share_kept_free) return full_disk();
    return {};
  }

 private:
  SpoolFault write(BytesView bytes) {
    if (came_ >= checked_ + room_check_bytes) {
      checked_ = came_;
      if (auto fault = check_room(bytes.size()); fault.status != 0) return fault;
    }
    const int failure = file_->append(bytes);
    return failure == 0 ? SpoolFault{} : fault_of(failure, file_->path().string());
  }

  std::shared_ptr<SpooledFile> file_;
  const BodyTarget target_;
  const Spooling& options_;
  const std::shared_ptr<SpooledBytes> all_;
  std::unique_ptr<FormReader> form_;
  SpoolFault fault_;  // of the file below the form
  std::uint64_t came_ = 0;
  std::uint64_t checked_ = 0;  // of came_, when the room was last looked at
};

}  // namespace

SpoolFault open_spool(const BodyTarget& target, const Spooling& options,
                      std::shared_ptr<SpooledBytes> all, std::string_view content_type,
                      std::optional<std::uint64_t> length, std::unique_ptr<Spool>& made) {
  if (length.value_or(0) > target.bytes_max)
    return {413, fmt::format("An upload may have {} bytes at most.", target.bytes_max)};
  const int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW;
  const int descriptor = target.continue_at
                             ? ::open(target.file.c_str(), flags)
                             : ::open(target.file.c_str(), flags | O_CREAT | O_EXCL, 0600);
  if (descriptor < 0) return fault_of(errno, target.file.string());
  auto file = std::make_shared<SpooledFile>(descriptor, target, all);
  if (target.continue_at) {
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
      return {409, "Another request is writing to this upload: ask for its offset, then go on."};
    struct stat status{};
    if (::fstat(descriptor, &status) != 0) return fault_of(errno, target.file.string());
    if (std::uint64_t(status.st_size) != *target.continue_at)
      return {409, fmt::format("The upload holds {} bytes: go on there.", status.st_size)};
  }
  auto spool = std::make_unique<LiveSpool>(std::move(file), target, options, std::move(all));
  if (auto fault = spool->check_room(length.value_or(0)); fault.status != 0) return fault;
  const auto boundary = form_boundary(content_type);
  if (boundary && !target.continue_at) spool->take_apart(*boundary);
  made = std::move(spool);
  return {};
}

}  // namespace cauce::net
