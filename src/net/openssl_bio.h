// How OpenSSL reads and writes through a channel of ours, without buffers between: a BIO whose data
// is the channel. `take(target, size)` answers how many bytes of what came it copied, 0: nothing
// has come; `give(source, size)` takes what leaves.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "net/tls_files.h"

namespace cauce::net {

template <typename Channel>
Channel& channel_of(BIO* bio) {
  return *static_cast<Channel*>(BIO_get_data(bio));
}

// The kind of BIO for these channels; it outlives them.
template <typename Channel>
Openssl<BIO_METHOD> bio_method_of(const char* name) {
  Openssl<BIO_METHOD> method(BIO_meth_new(BIO_TYPE_SOURCE_SINK, name));
  BIO_meth_set_create(method.get(), [](BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
  });
  BIO_meth_set_read(method.get(), [](BIO* bio, char* target, int size) {
    BIO_clear_retry_flags(bio);
    const int count = channel_of<Channel>(bio).take(target, size);
    if (count == 0) BIO_set_retry_read(bio);
    return count == 0 ? -1 : count;
  });
  BIO_meth_set_write(method.get(), [](BIO* bio, const char* source, int size) {
    BIO_clear_retry_flags(bio);
    channel_of<Channel>(bio).give(source, size);
    return size;
  });
  BIO_meth_set_ctrl(method.get(), [](BIO*, int command, long, void*) -> long {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  });
  return method;
}

// `ssl` reads and writes through `channel`, which outlives it.
template <typename Channel>
void attach(SSL* ssl, const BIO_METHOD* method, Channel& channel) {
  BIO* bio = BIO_new(method);
  BIO_set_data(bio, &channel);
  SSL_set_bio(ssl, bio, bio);
}

}  // namespace cauce::net
