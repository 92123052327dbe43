#include "gateway/allowance.h"

#include <fmt/core.h>

#include <utility>

namespace cauce::gateway {

class Account {
 public:
  Account(const AccountLimits& limits, Duration now)
      : messages_(limits.messages_per_second, now),
        bytes_(limits.bytes_per_second, now),
        connections_max_(limits.connections) {}

  void take(std::size_t messages, std::size_t bytes, Duration now) {
    messages_.take(double(messages), now);
    bytes_.take(double(bytes), now);
  }
  const TokenBucket& messages() const { return messages_; }
  const TokenBucket& bytes() const { return bytes_; }

  bool may_connect() const { return connections_max_ == 0 || connections_ < connections_max_; }
  std::size_t connections_max() const { return connections_max_; }
  void connect() { ++connections_; }
  void disconnect() { --connections_; }

  bool owes_nothing(Duration now) const { return messages_.is_full(now) && bytes_.is_full(now); }

 private:
  TokenBucket messages_;
  TokenBucket bytes_;
  std::size_t connections_max_;
  std::size_t connections_ = 0;
};

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::device_messages: return "limits.device.messages_per_second";
    case Limit::device_bytes: return "limits.device.bytes_per_second";
    case Limit::device_connections: return "limits.device.connections";
    case Limit::company_messages: return "limits.company.messages_per_second";
    case Limit::company_bytes: return "limits.company.bytes_per_second";
    case Limit::company_connections: return "limits.company.connections";
  }
  return "";
}

std::string Excess::text() const {
  return fmt::format("{} is {:.0f}", name_of(limit), allowed);
}

Allowance::Allowance(Allowance&& other) noexcept
    : device_(std::move(other.device_)),
      company_(std::move(other.company_)),
      is_connection_(std::exchange(other.is_connection_, false)) {}

Allowance& Allowance::operator=(Allowance&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(company_, other.company_);
  std::swap(is_connection_, other.is_connection_);
  return *this;
}

Allowance::~Allowance() {
  if (!is_connection_) return;
  device_->disconnect();
  company_->disconnect();
}

void Allowance::take(std::size_t messages, std::size_t bytes, Duration now) {
  if (!device_) return;
  device_->take(messages, bytes, now);
  company_->take(messages, bytes, now);
}

std::optional<Excess> Allowance::excess(Duration now) const {
  if (!device_) return std::nullopt;
  const std::array<std::pair<Limit, const TokenBucket*>, 4> buckets{
      {{Limit::device_messages, &device_->messages()},
       {Limit::device_bytes, &device_->bytes()},
       {Limit::company_messages, &company_->messages()},
       {Limit::company_bytes, &company_->bytes()}}};
  std::optional<Excess> longest;
  for (const auto& [limit, bucket] : buckets) {
    const Duration wait = bucket->wait(now);
    if (wait == Duration{0} || (longest && longest->wait >= wait)) continue;
    longest = Excess{limit, bucket->per_second(), wait};
  }
  return longest;
}

std::shared_ptr<Account>& Allowances::account(Accounts& accounts, std::string key,
                                              const AccountLimits& limits, Duration now) {
  std::shared_ptr<Account>& found = accounts[std::move(key)];
  if (!found) found = std::make_shared<Account>(limits, now);
  return found;
}

Allowance Allowances::of(const Identity& identity, Duration now) {
  Allowance allowance;
  // A company's name holds no '/', so the key is not ambiguous.
  allowance.device_ = account(devices_, fmt::format("{}/{}", identity.company, identity.device),
                              identity.bridge ? limits_.company : limits_.device, now);
  allowance.company_ = account(companies_, identity.company, limits_.company, now);
  return allowance;
}

std::variant<Allowance, Excess> Allowances::connect(const Identity& identity, Duration now) {
  Allowance allowance = of(identity, now);
  const Account& device = *allowance.device_;
  const Account& company = *allowance.company_;
  if (!device.may_connect())
    return Excess{Limit::device_connections, double(device.connections_max()), Duration{0}};
  if (!company.may_connect())
    return Excess{Limit::company_connections, double(company.connections_max()), Duration{0}};
  allowance.device_->connect();
  allowance.company_->connect();
  allowance.is_connection_ = true;
  return allowance;
}

void Allowances::look_around(Duration now) {
  const auto is_idle = [now](const auto& item) {
    return item.second.use_count() == 1 && item.second->owes_nothing(now);
  };
  std::erase_if(devices_, is_idle);
  std::erase_if(companies_, is_idle);
}

}  // namespace cauce::gateway
