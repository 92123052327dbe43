// What the lake stores beside a message as it arrived: the same opened with the device's key. The
// lake declares the interface it needs, app/ connects the two.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "business/business.h"
#include "decode/decoder.h"
#include "record/message.h"

namespace cauce::decode {

// One thread, with a registry of its own that outlives it.
class PayloadDecryptor {
 public:
  explicit PayloadDecryptor(business::Registry& registry)
      : registry_(registry), decoder_(registry) {}

  // Sees the business data as it is now; call it at the beginning of each batch.
  Result<void> refresh();

  // What the device encrypted. nullopt when its type does not say that it encrypts (then the
  // payload itself is the plaintext), and when it cannot be opened (then it is a dead letter).
  std::optional<Bytes> decrypt(const record::Message& message) const;

 private:
  business::Registry& registry_;
  Decoder decoder_;
};

}  // namespace cauce::decode
