// For tests: a client that speaks DTLS over a TestDatagrams.
#pragma once

#include "net/test_datagrams.h"
#include "net/test_dtls_peer.h"

namespace cauce::net {

class DtlsTestClient : public DtlsTestPeer {
 public:
  // `raw` outlives it; the server sees its address.
  DtlsTestClient(TestDatagrams& raw, TestDtls shown) : DtlsTestPeer(std::move(shown)), raw_(raw) {}

  void send(BytesView plaintext) { raw_.send(sealed(plaintext)); }
  // Sends what it has to, and takes what comes, until nothing comes any more.
  void exchange() {
    for (Bytes arrived; !(arrived = raw_.next(turns_of_patience)).empty();) {
      if (const Bytes reply = step(arrived); !reply.empty()) raw_.send(reply);
    }
  }
  bool shake_hands() {
    raw_.send(step());
    exchange();
    return is_ready();
  }
  // The next plaintext that comes; empty: none.
  Bytes next() {
    Bytes known = take();
    if (!known.empty()) return known;
    exchange();
    return take();
  }

 private:
  static constexpr int turns_of_patience = 20;

  TestDatagrams& raw_;
};

}  // namespace cauce::net
