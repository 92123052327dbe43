#include "business/sqlite/master_key.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "crypto/crypto.h"
#include "disk/error.h"

namespace cauce::business {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t text_bytes = crypto::key_bytes * 2 + 1;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Error lost(const fs::path& file, std::string_view reason) {
  return {Outcome::corrupt,
          fmt::format("master key {}: {}; without it the devices' keys cannot be opened: put it "
                      "back from a copy",
                      file.string(), reason)};
}

Result<void> sync_directory(const fs::path& directory) {
  const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!opened.is_open() || ::fsync(opened.number()) != 0) {
    return disk::error_of("sync", directory.string(), errno);
  }
  return {};
}

Result<void> write_file(const fs::path& file, BytesView text) {
  const Descriptor opened{
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!opened.is_open()) return disk::error_of("make", file.string(), errno);
  const ssize_t written = ::write(opened.number(), text.data(), text.size());
  if (written >= 0 && std::size_t(written) != text.size()) errno = ENOSPC;
  if (written < 0 || std::size_t(written) != text.size()) {
    return disk::error_of("write", file.string(), errno);
  }
  if (::fsync(opened.number()) != 0) return disk::error_of("sync", file.string(), errno);
  return {};
}

// Under another name first: a half written key must never be taken for one.
Result<void> make_key_file(const fs::path& file, Random& random) {
  const fs::path directory = file.parent_path();
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) {
    return disk::error_of("make", directory.string(), errno);
  }
  if (auto synced = sync_directory(directory.parent_path()); !synced) return synced;
  const fs::path unfinished = file.string() + ".unfinished";
  const std::string text = to_hex(random.bytes(crypto::key_bytes)) + "\n";
  if (auto written = write_file(unfinished, text); !written) return written;
  if (::rename(unfinished.c_str(), file.c_str()) != 0) {
    return disk::error_of("rename", unfinished.string(), errno);
  }
  return sync_directory(directory);
}

}  // namespace

Result<MasterKey> MasterKey::read(const fs::path& file) {
  const Descriptor opened{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!opened.is_open() && errno == ENOENT) return lost(file, "the file is missing");
  if (!opened.is_open()) return disk::error_of("open", file.string(), errno);
  struct stat status{};
  if (::fstat(opened.number(), &status) != 0) return disk::error_of("read", file.string(), errno);
  if ((status.st_mode & 077) != 0) {
    return Error{Outcome::denied,
                 fmt::format("master key {} has mode {:04o}, so others may read it; run: chmod 600 "
                             "{}",
                             file.string(), status.st_mode & 07777, file.string())};
  }
  std::array<char, text_bytes + 1> text{};
  const ssize_t count = ::read(opened.number(), text.data(), text.size());
  if (count < 0) return disk::error_of("read", file.string(), errno);
  Bytes key;
  if (std::size_t(count) != text_bytes || text[text_bytes - 1] != '\n' ||
      !from_hex({text.data(), text_bytes - 1}, key)) {
    return lost(file, "the file is damaged, it should hold 64 hexadecimal digits and a line feed");
  }
  return MasterKey{file, std::move(key)};
}

Result<MasterKey> MasterKey::read_or_make(const fs::path& file, Random& random) {
  std::error_code failure;
  if (!fs::exists(file, failure)) {
    if (failure) return disk::error_of("read", file.string(), failure.value());
    if (auto made = make_key_file(file, random); !made) return made.error();
  }
  return read(file);
}

Result<void> MasterKey::copy(const fs::path& source, const fs::path& target) {
  std::error_code failure;
  if (!fs::exists(source, failure) && !failure) return {};
  auto key = read(source);
  if (!key) return key.error();
  if (::mkdir(target.parent_path().c_str(), 0700) != 0 && errno != EEXIST) {
    return disk::error_of("make", target.parent_path().string(), errno);
  }
  return write_file(target, to_hex(key->key_) + "\n");
}

Bytes MasterKey::seal(BytesView plaintext, BytesView purpose, Random& random) const {
  const Bytes nonce = random.bytes(crypto::nonce_bytes);
  return nonce + crypto::seal_aes256gcm(key_, nonce, purpose, plaintext);
}

Result<Bytes> MasterKey::open(BytesView sealed, BytesView purpose) const {
  if (sealed.size() < crypto::nonce_bytes) return lost(file_, "what it sealed was damaged");
  auto plaintext = crypto::open_aes256gcm(key_, sealed.substr(0, crypto::nonce_bytes), purpose,
                                          sealed.substr(crypto::nonce_bytes));
  if (!plaintext) {
    return lost(file_,
                "it is not the key that the business data was sealed with, or the data was "
                "changed");
  }
  return plaintext;
}

namespace {

Bytes purpose_of(std::string_view kind, std::string_view company, std::string_view device,
                 std::uint32_t number) {
  Bytes purpose(kind);
  put_sized(purpose, company);
  put_sized(purpose, device);
  put_u32(purpose, number);
  return purpose;
}

}  // namespace

Bytes device_key_purpose(std::string_view company, std::string_view device, std::uint32_t key_id) {
  return purpose_of("device key 1", company, device, key_id);
}

Bytes shared_key_purpose(std::string_view company, std::string_view device, std::uint32_t place) {
  return purpose_of("shared key 1", company, device, place);
}

}  // namespace cauce::business
