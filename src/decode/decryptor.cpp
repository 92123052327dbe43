#include "decode/decryptor.h"

namespace cauce::decode {

Result<void> PayloadDecryptor::refresh() {
  if (auto refreshed = registry_.refresh(); !refreshed) {
    return refreshed.error().during("decrypt: read the business data");
  }
  return {};
}

std::optional<Bytes> PayloadDecryptor::decrypt(const record::Message& message) const {
  return decoder_.decrypt(message);
}

}  // namespace cauce::decode
