#include "app/tls.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include "app/doctor.h"
#include "base/log.h"

namespace cauce::app {
namespace {

constexpr Duration look_interval = std::chrono::seconds{1};
constexpr Duration reminder_interval = std::chrono::hours{24};

// "CN=sensors.example, for sensors.example, 10.0.0.5, until 2027-01-01T00:00:00Z".
std::string describe(const net::CertificateFacts& facts) {
  std::string text = facts.subject;
  for (const std::string& name : facts.names)
    text += (&name == facts.names.data() ? ", for " : ", ") + name;
  return text + ", until " + format_time(facts.until);
}

void remind_of_dates(const Config& config, const net::CertificateFacts& facts, Time now) {
  const std::string trouble = trouble_with_dates(config, facts, now);
  if (trouble.empty()) return;
  if (untimeliness_of(facts, now)) {
    log::error(trouble);
  } else {
    log::warning(trouble);
  }
}

void follow_files(const Config& config, net::TlsServer& tls, Time now) {
  const Result<bool> taken = tls.follow_files();
  if (!taken) {
    log::error(fmt::format("the new certificate is not taken, the old one stays: {}",
                           taken.error().message));
    return;
  }
  if (!*taken) return;
  log::notice("new certificate: " + describe(tls.facts()));
  remind_of_dates(config, tls.facts(), now);
}

}  // namespace

std::string trouble_with_dates(const Config& config, const net::CertificateFacts& facts, Time now) {
  const std::string file = config.tls.certificate.string();
  if (const auto untimely = net::untimeliness_of(facts, now)) {
    return fmt::format(
        "the certificate in {} {}: whoever looks refuses to connect; replace it and "
        "its key, cauce takes them without a restart",
        file, *untimely);
  }
  if (facts.until - now > certificate_warning_span) return "";
  return fmt::format(
      "the certificate in {} ends on {}: replace it and its key before, cauce takes "
      "them without a restart",
      file, format_time(facts.until));
}

Result<std::shared_ptr<net::TlsServer>> open_tls(const Machine& machine, net::Loop& loop,
                                                 const net::TlsOptions& options) {
  const Config& config = machine.config;
  if (config.tls.certificate.empty()) return std::shared_ptr<net::TlsServer>{};
  auto opened = net::TlsServer::open(config.tls, options);
  if (!opened) return opened.error().during("TLS");
  const std::shared_ptr<net::TlsServer> tls = *std::move(opened);
  remind_of_dates(config, tls->facts(), machine.clock.now());
  loop.every(look_interval,
             [&config, tls, &clock = machine.clock] { follow_files(config, *tls, clock.now()); });
  loop.every(reminder_interval, [&config, tls, &clock = machine.clock] {
    remind_of_dates(config, tls->facts(), clock.now());
  });
  return tls;
}

void examine_tls(const Config& config, const Clock& clock, Findings& findings) {
  if (config.tls.certificate.empty() || config.tls.key.empty()) return;
  const auto facts = net::examine_tls_files(config.tls);
  if (!facts) {
    findings.push_back({State::wrong, "certificate", facts.error().message});
    return;
  }
  const std::string trouble = trouble_with_dates(config, *facts, clock.now());
  const bool is_expired = net::untimeliness_of(*facts, clock.now()).has_value();
  findings.push_back({is_expired        ? State::wrong
                      : trouble.empty() ? State::ok
                                        : State::warning,
                      "certificate", trouble.empty() ? describe(*facts) : trouble});
  struct stat state{};
  if (stat(config.tls.key.c_str(), &state) == 0 && (state.st_mode & 0077) != 0) {
    findings.push_back({State::warning, "private key",
                        fmt::format("others than its owner may read or change {}; "
                                    "chmod 600 it",
                                    config.tls.key.string())});
  }
}

}  // namespace cauce::app
