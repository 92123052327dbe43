#include "gateway/allowance.h"

#include <fmt/core.h>

#include <utility>

namespace cauce::gateway {
namespace {

// How long messages in flight take to become durable is not known; it is seldom more.
constexpr Duration crowd_span = std::chrono::seconds{1};

constexpr std::size_t limits_of_each = business::limit_members.size();
static_assert(limit_count == 2 * limits_of_each);

}  // namespace

// The limits of an account, and which of them are its own.
struct AccountTerms {
  AccountLimits limits;
  business::Limits own = {};

  bool operator==(const AccountTerms&) const = default;
};

namespace {

AccountLimits replaced(const AccountLimits& usual, const business::Limits& own) {
  AccountLimits limits = usual;
  if (own.messages_per_second) limits.messages_per_second = double(*own.messages_per_second);
  if (own.bytes_per_second) limits.bytes_per_second = double(*own.bytes_per_second);
  limits.connections = own.connections.value_or(usual.connections);
  limits.in_flight = own.in_flight.value_or(usual.in_flight);
  limits.payload_bytes = own.payload_bytes.value_or(usual.payload_bytes);
  return limits;
}

SharedTerms terms_of(const SharedTerms& usual, const business::Limits& own) {
  if (own == business::Limits{}) return usual;
  return std::make_shared<AccountTerms>(replaced(usual->limits, own), own);
}

}  // namespace

class Account {
 public:
  using Roomy = std::shared_ptr<std::vector<std::uint64_t>>;

  Account(SharedTerms terms, Duration now, Roomy roomy)
      : terms_(std::move(terms)),
        messages_(limits().messages_per_second, now),
        bytes_(limits().bytes_per_second, now),
        roomy_(std::move(roomy)) {}

  void change(SharedTerms terms, Duration now) {
    if (*terms == *terms_) return;
    terms_ = std::move(terms);
    messages_.change(limits().messages_per_second, now);
    bytes_.change(limits().bytes_per_second, now);
    if (!is_crowded()) make_room();
  }

  const AccountLimits& limits() const { return terms_->limits; }
  Excess excess(Limit limit, double allowed, Duration wait) const {
    const auto own = business::limit_members[std::size_t(limit) % limits_of_each].value;
    return {limit, allowed, wait, (terms_->own.*own).has_value()};
  }

  void take(std::size_t messages, std::size_t bytes, Duration now) {
    messages_.take(double(messages), now);
    bytes_.take(double(bytes), now);
  }
  const TokenBucket& messages() const { return messages_; }
  const TokenBucket& bytes() const { return bytes_; }

  bool may_connect() const {
    return limits().connections == 0 || connections_ < limits().connections;
  }
  void connect() { ++connections_; }
  void disconnect() { --connections_; }

  bool is_crowded() const { return limits().in_flight > 0 && in_flight_ >= limits().in_flight; }
  void depart(std::size_t messages) { in_flight_ += messages; }
  void arrive(std::size_t messages) {
    in_flight_ -= messages;
    if (!waiting_.empty() && !is_crowded()) make_room();
  }
  void await_room(std::uint64_t submitter) { waiting_.push_back(submitter); }

  bool is_oversize(std::size_t payload_bytes) const {
    return limits().payload_bytes > 0 && payload_bytes > limits().payload_bytes;
  }

  bool owes_nothing(Duration now) const { return messages_.is_full(now) && bytes_.is_full(now); }

 private:
  // All of them: who comes first may need less than there is.
  void make_room() {
    roomy_->insert(roomy_->end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
  }

  SharedTerms terms_;  // one for all that have no limits of their own: there may be many
  TokenBucket messages_;
  TokenBucket bytes_;
  std::size_t connections_ = 0;
  std::size_t in_flight_ = 0;
  std::vector<std::uint64_t> waiting_;  // submitters, for room
  const Roomy roomy_;
};

std::string_view name_of(Limit limit) {
  switch (limit) {
    case Limit::device_messages: return "limits.device.messages_per_second";
    case Limit::device_bytes: return "limits.device.bytes_per_second";
    case Limit::device_connections: return "limits.device.connections";
    case Limit::device_in_flight: return "limits.device.in_flight";
    case Limit::device_payload: return "limits.device.payload_bytes";
    case Limit::company_messages: return "limits.company.messages_per_second";
    case Limit::company_bytes: return "limits.company.bytes_per_second";
    case Limit::company_connections: return "limits.company.connections";
    case Limit::company_in_flight: return "limits.company.in_flight";
    case Limit::company_payload: return "limits.company.payload_bytes";
  }
  return "";
}

std::string Excess::name() const {
  if (!is_own) return std::string(name_of(limit));
  const std::size_t index = std::size_t(limit);
  return fmt::format("the {}'s own {}", index < limits_of_each ? "device" : "company",
                     business::limit_members[index % limits_of_each].name);
}

std::string Excess::text() const {
  return fmt::format("{} is {:.0f}", name(), allowed);
}

std::string PayloadLimit::name() const {
  return by ? by->name() : "the limit of one message";
}

std::string PayloadLimit::text() const {
  return fmt::format("{} is {}", name(), bytes_max);
}

Flight::Flight(Flight&& other) noexcept
    : device_(std::move(other.device_)),
      company_(std::move(other.company_)),
      messages_(std::exchange(other.messages_, 0)) {}

Flight& Flight::operator=(Flight&& other) noexcept {
  const Flight ended(std::move(*this));
  device_ = std::move(other.device_);
  company_ = std::move(other.company_);
  messages_ = std::exchange(other.messages_, 0);
  return *this;
}

Flight::~Flight() {
  if (messages_ == 0) return;
  device_->arrive(messages_);
  company_->arrive(messages_);
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

Flight Allowance::depart(std::size_t messages) const {
  Flight flight;
  if (!device_ || messages == 0) return flight;
  flight.device_ = device_;
  flight.company_ = company_;
  flight.messages_ = messages;
  device_->depart(messages);
  company_->depart(messages);
  return flight;
}

std::optional<Excess> Allowance::debt(Duration now) const {
  if (!device_) return std::nullopt;
  std::optional<Excess> longest;
  const auto look = [&](const Account& account, Limit limit, const TokenBucket& bucket) {
    const Duration wait = bucket.wait(now);
    if (wait == Duration{0} || (longest && longest->wait >= wait)) return;
    longest = account.excess(limit, bucket.per_second(), wait);
  };
  look(*device_, Limit::device_messages, device_->messages());
  look(*device_, Limit::device_bytes, device_->bytes());
  look(*company_, Limit::company_messages, company_->messages());
  look(*company_, Limit::company_bytes, company_->bytes());
  return longest;
}

std::optional<Excess> Allowance::crowd() const {
  if (!device_) return std::nullopt;
  if (device_->is_crowded()) {
    return device_->excess(Limit::device_in_flight, double(device_->limits().in_flight),
                           crowd_span);
  }
  if (company_->is_crowded()) {
    return company_->excess(Limit::company_in_flight, double(company_->limits().in_flight),
                            crowd_span);
  }
  return std::nullopt;
}

std::optional<Excess> Allowance::excess(Duration now) const {
  auto found = debt(now);
  return found ? found : crowd();
}

void Allowance::await_room(std::uint64_t submitter) const {
  Account& full = device_->is_crowded() ? *device_ : *company_;
  full.await_room(submitter);
}

std::optional<Excess> Allowance::oversize(std::size_t payload_bytes) const {
  if (!device_) return std::nullopt;
  if (device_->is_oversize(payload_bytes)) {
    return device_->excess(Limit::device_payload, double(device_->limits().payload_bytes),
                           Duration{0});
  }
  if (company_->is_oversize(payload_bytes)) {
    return company_->excess(Limit::company_payload, double(company_->limits().payload_bytes),
                            Duration{0});
  }
  return std::nullopt;
}

PayloadLimit Allowance::payload_limit(std::size_t everybodys_bytes_max) const {
  PayloadLimit least{everybodys_bytes_max};
  while (const auto exceeded = oversize(least.bytes_max))
    least = {std::size_t(exceeded->allowed), exceeded};
  return least;
}

Allowances::Allowances(const AllowanceLimits& limits, const business::Registry& registry)
    : device_terms_(std::make_shared<AccountTerms>(limits.device)),
      company_terms_(std::make_shared<AccountTerms>(limits.company)),
      registry_(registry) {}

SharedTerms Allowances::company_terms(std::string_view name) const {
  const business::Company* company = registry_.company(name);
  return company == nullptr ? company_terms_ : terms_of(company_terms_, company->limits);
}

SharedTerms Allowances::device_terms(std::string_view company, std::string_view name) const {
  const business::Device* device = registry_.device(company, name);
  if (device == nullptr) return device_terms_;
  if (!device->bridge) return terms_of(device_terms_, device->limits);
  const SharedTerms terms = company_terms(company);
  return std::make_shared<AccountTerms>(replaced(terms->limits, device->limits), device->limits);
}

void Allowances::follow_registry(Duration now) {
  for (const auto& [name, account] : companies_)
    account->change(company_terms(name), now);
  for (const auto& [key, account] : devices_) {
    const std::string_view names = key;
    const std::size_t slash = names.find('/');
    account->change(device_terms(names.substr(0, slash), names.substr(slash + 1)), now);
  }
}

Allowance Allowances::of(const Identity& identity, Duration now) {
  // A company's name holds no '/', so the key is not ambiguous.
  auto& device = devices_[fmt::format("{}/{}", identity.company, identity.device)];
  auto& company = companies_[identity.company];
  if (!device) {
    device =
        std::make_shared<Account>(device_terms(identity.company, identity.device), now, roomy_);
  }
  if (!company) company = std::make_shared<Account>(company_terms(identity.company), now, roomy_);
  Allowance allowance;
  allowance.device_ = device;
  allowance.company_ = company;
  return allowance;
}

std::variant<Allowance, Excess> Allowances::connect(const Identity& identity, Duration now) {
  Allowance allowance = of(identity, now);
  const Account& device = *allowance.device_;
  const Account& company = *allowance.company_;
  if (!device.may_connect())
    return device.excess(Limit::device_connections, double(device.limits().connections),
                         Duration{0});
  if (!company.may_connect())
    return company.excess(Limit::company_connections, double(company.limits().connections),
                          Duration{0});
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
