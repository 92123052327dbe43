// What a client shows to prove that it hears what is sent to its address (RFC 6347 section 4.2.1):
// a digest that only this server can make, of the address and of the client's random bytes. Nothing
// is kept of those who were given one. Inside this room only.
#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"

namespace cauce::net {

class DtlsCookies {
 public:
  static constexpr std::size_t bytes = 16;
  // A cookie is good for this long at least, and twice as long at most.
  static constexpr Duration span = std::chrono::seconds{60};

  DtlsCookies(Random& random, Duration now);

  Bytes make(BytesView address, BytesView client_random) const;
  bool is_good(BytesView cookie, BytesView address, BytesView client_random) const;
  // Takes another key when the span is over. Every 100 ms.
  void look_around(Duration now);

 private:
  Random& random_;
  Bytes key_;
  Bytes earlier_key_;
  Duration since_;
};

}  // namespace cauce::net
