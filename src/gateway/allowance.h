// What a device and its company may send, how much of it may be on its way, and how often they may
// connect. One account for each of them, whatever the number of their connections and requests;
// both are drawn on together. A bridge may do what its company may.
//
// Their limits are those of the configuration but where the registry has others for the device or
// the company; they change while the account lives, and what it owes stays owed. With fewer
// connections than there are nobody is closed: new ones are refused.
//
// Over a rate, or with too many messages in flight, MQTT is not read and HTTP gets 429, until the
// debt is paid by time or messages have become durable; nothing that was read is thrown away. Over
// a number of connections, CONNECT is refused. A payload that is too large is refused. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "business/business.h"
#include "gateway/account_limits.h"
#include "gateway/admission.h"
#include "gateway/token_bucket.h"

namespace cauce::gateway {

enum class Limit {
  device_messages,
  device_bytes,
  device_connections,
  device_in_flight,
  device_payload,
  company_messages,
  company_bytes,
  company_connections,
  company_in_flight,
  company_payload,
};
constexpr std::size_t limit_count = 10;

// As in the configuration: "limits.device.messages_per_second".
std::string_view name_of(Limit limit);

// A limit that is exceeded, and how long to wait; 0: until something else changes.
struct Excess {
  Limit limit = Limit::device_messages;
  double allowed = 0;
  Duration wait{0};
  bool is_own = false;  // of this device or company alone, by the registry

  std::string name() const;  // "limits.device.messages_per_second", "the device's own in_flight"
  std::string text() const;  // "limits.device.messages_per_second is 10000"
};

// The most that the payload of a message may have.
struct PayloadLimit {
  std::size_t bytes_max = 0;
  std::optional<Excess> by = std::nullopt;  // whose it is; else it is everybody's

  std::string name() const;  // "limits.device.payload_bytes"
  std::string text() const;  // "limits.device.payload_bytes is 1000"
};

class Account;
struct AccountTerms;
using SharedTerms = std::shared_ptr<const AccountTerms>;

// Messages that are taken and not durable yet: they count until it goes.
class Flight {
 public:
  Flight() = default;  // of none
  Flight(Flight&& other) noexcept;
  Flight& operator=(Flight&& other) noexcept;
  ~Flight();

  bool is_empty() const { return messages_ == 0; }

 private:
  friend class Allowance;
  std::shared_ptr<Account> device_;
  std::shared_ptr<Account> company_;
  std::size_t messages_ = 0;
};

// What one connection, or one request, draws on. A connection's counts among the connections until
// it goes.
class Allowance {
 public:
  Allowance() = default;  // draws on nothing
  Allowance(Allowance&& other) noexcept;
  Allowance& operator=(Allowance&& other) noexcept;
  ~Allowance();

  void take(std::size_t messages, std::size_t bytes, Duration now);
  Flight depart(std::size_t messages) const;

  // The rate that takes longest to be kept again.
  std::optional<Excess> debt(Duration now) const;
  // Whether as many messages are in flight as may be.
  std::optional<Excess> crowd() const;
  // What a request is refused for: either of them.
  std::optional<Excess> excess(Duration now) const;

  // While there is a crowd: Allowances::take_roomy() answers the submitter (intake.h) once, when
  // there is room; there may be another crowd by then.
  void await_room(std::uint64_t submitter) const;

  PayloadLimit payload_limit(std::size_t everybodys_bytes_max) const;
  // The limit that a payload of so many bytes exceeds. Cheap: once for each message.
  std::optional<Excess> oversize(std::size_t payload_bytes) const;

 private:
  friend class Allowances;
  std::shared_ptr<Account> device_;
  std::shared_ptr<Account> company_;
  bool is_connection_ = false;
};

class Allowances {
 public:
  // The registry outlives it.
  Allowances(const AllowanceLimits& limits, const business::Registry& registry);

  // For a request.
  Allowance of(const Identity& identity, Duration now);
  // For a connection, unless there are as many as there may be.
  std::variant<Allowance, Excess> connect(const Identity& identity, Duration now);

  // The registry has changed.
  void follow_registry(Duration now);

  // Forgets accounts that nobody draws on and that owe nothing. Once a second.
  void look_around(Duration now);

  // The submitters that waited for room where there is some now.
  std::vector<std::uint64_t> take_roomy() { return std::exchange(*roomy_, {}); }

  std::size_t accounts() const { return devices_.size() + companies_.size(); }

 private:
  using Accounts = std::unordered_map<std::string, std::shared_ptr<Account>>;
  SharedTerms device_terms(std::string_view company, std::string_view name) const;
  SharedTerms company_terms(std::string_view name) const;

  const SharedTerms device_terms_;  // without limits of their own
  const SharedTerms company_terms_;
  const business::Registry& registry_;
  Accounts devices_;  // by company and device
  Accounts companies_;
  // Of all accounts, each of which may outlive this: with its last messages in flight.
  const std::shared_ptr<std::vector<std::uint64_t>> roomy_ =
      std::make_shared<std::vector<std::uint64_t>>();
};

}  // namespace cauce::gateway
