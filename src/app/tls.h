// TLS as it is configured, for the doors of one loop.
#pragma once

#include <memory>

#include "app/role.h"
#include "net/tls.h"

namespace cauce::app {

// A certificate that ends within this span is spoken of.
constexpr Duration certificate_warning_span = std::chrono::hours{24 * 14};

// What is wrong with the dates of the certificate, as a sentence that says what to do; empty while
// nothing is.
std::string trouble_with_dates(const Config& config, const net::CertificateFacts& facts, Time now);

// nullptr when no certificate is configured. The files are looked at every second on `loop`, and
// taken anew when they were replaced; one that has expired is served all the same, because devices
// that do not look go on, and the log says so at the start and once a day.
Result<std::shared_ptr<net::TlsServer>> open_tls(const Machine& machine, net::Loop& loop,
                                                 const net::TlsOptions& options);

}  // namespace cauce::app
