// The key that the devices' payload keys are encrypted with at rest: 32 random bytes in a file
// that only its owner can read, as 64 hexadecimal digits and a line feed. Inside this room only.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace cauce::business {

class MasterKey {
 public:
  // `corrupt`, naming the file, when it is missing, damaged or not a key; `denied` when others may
  // read it.
  static Result<MasterKey> read(const std::filesystem::path& file);
  // Makes the file when it does not exist; it survives a power cut when this returns. Only the
  // process that holds the writer's lock may call it.
  static Result<MasterKey> read_or_make(const std::filesystem::path& file, Random& random);

  // Copies a key to where there is none, readable by its owner alone; not synced. Succeeds without
  // effect while no key was made.
  static Result<void> copy(const std::filesystem::path& source,
                           const std::filesystem::path& target);

  // nonce, ciphertext, tag. What is sealed opens only with the same `purpose`, which binds it to
  // its place, so that rows cannot be exchanged.
  Bytes seal(BytesView plaintext, BytesView purpose, Random& random) const;
  // `corrupt`, naming the key's file.
  Result<Bytes> open(BytesView sealed, BytesView purpose) const;

 private:
  MasterKey(std::filesystem::path file, Bytes key) : file_(std::move(file)), key_(std::move(key)) {}

  std::filesystem::path file_;
  Bytes key_;
};

// The `purpose` of a device's key, and of one that it shares.
Bytes device_key_purpose(std::string_view company, std::string_view device, std::uint32_t key_id);
Bytes shared_key_purpose(std::string_view company, std::string_view device, std::uint32_t place);

}  // namespace cauce::business
