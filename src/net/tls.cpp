#include "net/tls.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <utility>

#include "net/openssl_bio.h"
#include "net/shared_key_channel.h"
#include "net/tls_files.h"

namespace cauce::net {
namespace {

// TLS 1.2; those of 1.3 are all good. Forward secrecy and authenticated encryption. Who offers to
// show a shared key means to, so those come first.
constexpr const char* ciphers_with_certificate = "ECDHE+AESGCM:ECDHE+CHACHA20";
// Of TLS 1.3; a shared key goes with SHA-256, so those with it come first.
constexpr const char* ciphers_1_3 =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";
// One record is the content type of a handshake (RFC 8446 section 5.1).
constexpr char handshake_record = 0x16;
// What one read of the socket brings, and one record (at most 16 KiB) whose start came before.
constexpr std::size_t plaintext_bytes_max = (64 + 16) << 10;

// Of certificates that a client may show, together.
constexpr long shown_bytes_max = 32 << 10;

class LiveTls;

// Between what carries it (below) and the handler (above).
class TlsConnection final : public Connection, public Handler {
 public:
  TlsConnection(std::shared_ptr<LiveTls> server, Connection& below);

  // The handler's place is taken once, before anything comes.
  void set_above(std::unique_ptr<Handler> above) { above_ = std::move(above); }

  void send(BytesView bytes) override;
  std::size_t unsent_bytes() const override { return below_.unsent_bytes() + early_.size(); }
  void pause_reading() override { below_.pause_reading(); }
  void resume_reading() override { below_.resume_reading(); }
  void close() override;
  std::string peer() const override { return below_.peer(); }
  Bytes certificate() const override;
  Bytes shared_key_holder() const override {
    return established_ ? shared_key_holder_of(channel_.get()) : Bytes{};
  }
  bool encrypted() const override { return true; }

  void on_bytes(BytesView bytes) override;
  void on_sent() override;
  void on_closed(std::string_view why) override;

  // For the channel's BIO.
  int take(char* target, int size);
  void give(const char* source, int size) { below_.send({source, std::size_t(size)}); }

 private:
  // False when there is nothing more to do with what has come.
  bool shake_hands();
  bool decrypt();
  void end(std::string violation);

  std::shared_ptr<LiveTls> server_;
  Connection& below_;
  Openssl<SSL> channel_;
  BytesView incoming_;  // not yet taken by the channel; empty outside on_bytes()
  Bytes early_;         // sent before the handshake was over
  std::string violation_;
  bool heard_ = false;
  bool established_ = false;
  bool closing_ = false;
  bool peer_ended_ = false;
  std::unique_ptr<Handler> above_;
};

// Whoever holds the key of the certificate that he shows goes on: who vouches for it is judged
// above, by what is known there.
void ask_for_certificate(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
  SSL_CTX_set_max_cert_list(context, shown_bytes_max);
  // Of one kind are the sessions of one context, which a ticket must say when it holds who it is.
  constexpr unsigned char kind = 1;
  SSL_CTX_set_session_id_context(context, &kind, sizeof kind);
}

Result<Openssl<SSL_CTX>> make_context(const TlsFiles& files, const TlsOptions& options,
                                      CertificateFacts& facts) {
  auto identity = read_tls_files(files);
  if (!identity) return identity.error();
  Openssl<SSL_CTX> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  // Without this an idle connection would keep 34 KB of buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  // Sessions are resumed by tickets, which the client keeps.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  const std::string ciphers = fmt::format("{}:{}", shared_key_ciphers, ciphers_with_certificate);
  SSL_CTX_set_cipher_list(context.get(), ciphers.c_str());
  SSL_CTX_set_ciphersuites(context.get(), ciphers_1_3);
  if (options.asks_for_certificate) ask_for_certificate(context.get());
  STACK_OF(X509)* chain = sk_X509_new_null();
  for (const auto& certificate : identity->chain)
    sk_X509_push(chain, certificate.get());
  const int used = SSL_CTX_use_cert_and_key(context.get(), identity->certificate.get(),
                                            identity->key.get(), chain, 1);
  sk_X509_free(chain);
  if (used != 1) {
    return Error{Outcome::invalid, fmt::format("{} cannot be used: {}", files.certificate.string(),
                                               openssl_reason())};
  }
  facts = std::move(identity->facts);
  return context;
}

class LiveTls final : public TlsServer, public std::enable_shared_from_this<LiveTls> {
 public:
  LiveTls(const TlsFiles& files, const TlsOptions& options, Openssl<SSL_CTX> context,
          CertificateFacts facts)
      : files_(files),
        options_(options),
        bio_method_(bio_method_of<TlsConnection>("connection")),
        context_(std::move(context)),
        facts_(std::move(facts)),
        taken_(look()),
        seen_(taken_),
        plaintext_(plaintext_bytes_max, '\0') {}

  Loop::Accept over(Loop::Accept accept) override {
    return [self = shared_from_this(),
            accept = std::move(accept)](Connection& below) -> std::unique_ptr<Handler> {
      auto connection = std::make_unique<TlsConnection>(self, below);
      auto above = accept(*connection);
      if (!above) return nullptr;
      connection->set_above(std::move(above));
      return connection;
    };
  }

  void ask_for_shared_key(FindSharedKey find) override {
    INVARIANT(!find_shared_key_);
    find_shared_key_ = std::move(find);
    net::ask_for_shared_key(context_.get(), find_shared_key_);
  }

  Result<bool> follow_files() override {
    const Stamps now = look();
    const bool settled = now == seen_;
    seen_ = now;
    if (now == taken_ || !settled) return false;
    taken_ = now;
    CertificateFacts facts;
    auto context = make_context(files_, options_, facts);
    if (!context) return context.error();
    context_ = *std::move(context);
    if (find_shared_key_) net::ask_for_shared_key(context_.get(), find_shared_key_);
    facts_ = std::move(facts);
    return true;
  }

  const CertificateFacts& facts() const override { return facts_; }

  Openssl<SSL> make_channel(TlsConnection& connection) {
    Openssl<SSL> channel(SSL_new(context_.get()));
    attach(channel.get(), bio_method_.get(), connection);
    return channel;
  }
  // Scratch memory: one connection is read at a time.
  Bytes& plaintext() { return plaintext_; }

 private:
  using Stamps = std::pair<FileStamp, FileStamp>;
  Stamps look() const { return {FileStamp::of(files_.certificate), FileStamp::of(files_.key)}; }

  const TlsFiles files_;
  const TlsOptions options_;
  const Openssl<BIO_METHOD> bio_method_;
  FindSharedKey find_shared_key_;
  Openssl<SSL_CTX> context_;
  CertificateFacts facts_;
  Stamps taken_;  // what the context was made of, or could not be
  Stamps seen_;   // at the last look
  Bytes plaintext_;
};

TlsConnection::TlsConnection(std::shared_ptr<LiveTls> server, Connection& below)
    : server_(std::move(server)), below_(below), channel_(server_->make_channel(*this)) {}

int TlsConnection::take(char* target, int size) {
  const std::size_t count = incoming_.copy(target, std::size_t(size));
  incoming_.remove_prefix(count);
  return int(count);
}

void TlsConnection::on_bytes(BytesView bytes) {
  if (closing_) return;
  if (!std::exchange(heard_, true) && bytes[0] != handshake_record) {
    return end(fmt::format("it does not speak TLS: its first byte is {:#04x}",
                           static_cast<unsigned char>(bytes[0])));
  }
  incoming_ = bytes;
  if (established_ || shake_hands()) {
    while (!closing_ && decrypt())
      continue;
  }
  incoming_ = {};
}

bool TlsConnection::shake_hands() {
  ERR_clear_error();
  const int answer = SSL_accept(channel_.get());
  if (answer == 1) {
    established_ = true;
    if (!early_.empty()) send(std::exchange(early_, {}));
    return true;
  }
  if (SSL_get_error(channel_.get(), answer) != SSL_ERROR_WANT_READ) {
    end("the TLS handshake failed: " + openssl_reason());
  }
  return false;
}

// Gives the handler what has come as a whole, so that it can take many messages together.
bool TlsConnection::decrypt() {
  Bytes& plaintext = server_->plaintext();
  std::size_t filled = 0;
  int error = SSL_ERROR_NONE;
  std::string reason;
  while (error == SSL_ERROR_NONE && filled < plaintext.size()) {
    std::size_t count = 0;
    ERR_clear_error();
    const int answer =
        SSL_read_ex(channel_.get(), plaintext.data() + filled, plaintext.size() - filled, &count);
    filled += count;
    if (answer == 1) continue;
    error = SSL_get_error(channel_.get(), answer);
    // Asked now, because what the handler does may use OpenSSL too.
    if (error == SSL_ERROR_SSL) reason = openssl_reason();
  }
  if (filled > 0) above_->on_bytes(BytesView(plaintext).substr(0, filled));
  if (error == SSL_ERROR_NONE) return true;
  if (error == SSL_ERROR_ZERO_RETURN) {
    peer_ended_ = !closing_;
    close();
  } else if (error != SSL_ERROR_WANT_READ) {
    end("TLS failed: " + reason);
  }
  return false;
}

void TlsConnection::end(std::string violation) {
  if (closing_) return;
  closing_ = true;
  violation_ = std::move(violation);
  below_.close();
}

void TlsConnection::send(BytesView bytes) {
  if (closing_ || bytes.empty()) return;
  if (!established_) {
    early_.append(bytes);
    return;
  }
  std::size_t count = 0;
  ERR_clear_error();
  // What carries it takes everything, so all is written at once.
  if (SSL_write_ex(channel_.get(), bytes.data(), bytes.size(), &count) != 1) {
    end("TLS failed: " + openssl_reason());
  }
}

void TlsConnection::close() {
  if (closing_) return;
  closing_ = true;
  ERR_clear_error();
  if (established_) SSL_shutdown(channel_.get());
  below_.close();
}

Bytes TlsConnection::certificate() const {
  if (!established_) return {};
  X509* shown = SSL_get0_peer_certificate(channel_.get());
  if (shown == nullptr) return {};
  unsigned char* target = nullptr;
  const int size = i2d_X509(shown, &target);
  if (size <= 0) return {};
  Bytes der(reinterpret_cast<const char*>(target), std::size_t(size));
  OPENSSL_free(target);
  return der;
}

void TlsConnection::on_sent() {
  if (established_ && above_) above_->on_sent();
}

void TlsConnection::on_closed(std::string_view why) {
  if (!violation_.empty()) return above_->on_violation(violation_);
  if (peer_ended_) return above_->on_closed("the peer closed the connection");
  if (established_ || closing_) return above_->on_closed(why);
  above_->on_closed(fmt::format("before the TLS handshake was over: {}", why));
}

}  // namespace

Result<std::shared_ptr<TlsServer>> TlsServer::open(const TlsFiles& files,
                                                   const TlsOptions& options) {
  CertificateFacts facts;
  auto context = make_context(files, options, facts);
  if (!context) return context.error();
  return std::shared_ptr<TlsServer>(
      std::make_shared<LiveTls>(files, options, *std::move(context), std::move(facts)));
}

}  // namespace cauce::net
