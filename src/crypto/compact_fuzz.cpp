// Foreign bytes as an encrypted payload and as base64: both answer, and what base64 accepts it
// would have written itself.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "crypto/compact.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cauce;
  const BytesView bytes{reinterpret_cast<const char*>(data), size};
  static const Bytes key(crypto::key_bytes, 'k');
  const crypto::CompactContext context{"acme", "mote-1", "devices/mote-1/telemetry"};
  if (const auto compact = crypto::parse_compact(bytes)) {
    if (const auto plaintext = crypto::open_compact(*compact, key, context)) {
      INVARIANT(bytes ==
                crypto::seal_compact(compact->key_id, key, compact->nonce, context, *plaintext));
    }
  }
  if (const auto decoded = crypto::from_base64url(bytes)) {
    INVARIANT(bytes == crypto::to_base64url(*decoded));
  }
  return 0;
}
