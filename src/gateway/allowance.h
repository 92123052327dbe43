// What a device and its company may send and how often they may connect. One account for each of
// them, whatever the number of their connections and requests; both are drawn on together. A bridge
// may do what its company may.
//
// Over a rate, MQTT is not read and HTTP gets 429 until the debt is paid by time; nothing that was
// read is thrown away. Over a number of connections, CONNECT is refused. One thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "gateway/account_limits.h"
#include "gateway/admission.h"
#include "gateway/token_bucket.h"

namespace cauce::gateway {

enum class Limit {
  device_messages,
  device_bytes,
  device_connections,
  company_messages,
  company_bytes,
  company_connections,
};
constexpr std::size_t limit_count = 6;

// As in the configuration: "limits.device.messages_per_second".
std::string_view name_of(Limit limit);

// A limit that is exceeded, and how long to wait; 0: until something else changes.
struct Excess {
  Limit limit = Limit::device_messages;
  double allowed = 0;
  Duration wait{0};

  std::string text() const;  // "limits.device.messages_per_second is 10000"
};

class Account;

// What one connection, or one request, draws on. A connection's counts among the connections until
// it goes.
class Allowance {
 public:
  Allowance() = default;  // draws on nothing
  Allowance(Allowance&& other) noexcept;
  Allowance& operator=(Allowance&& other) noexcept;
  ~Allowance();

  void take(std::size_t messages, std::size_t bytes, Duration now);
  // The limit that takes longest to be kept again.
  std::optional<Excess> excess(Duration now) const;

 private:
  friend class Allowances;
  std::shared_ptr<Account> device_;
  std::shared_ptr<Account> company_;
  bool is_connection_ = false;
};

class Allowances {
 public:
  explicit Allowances(const AllowanceLimits& limits) : limits_(limits) {}

  // For a request.
  Allowance of(const Identity& identity, Duration now);
  // For a connection, unless there are as many as there may be.
  std::variant<Allowance, Excess> connect(const Identity& identity, Duration now);

  // Forgets accounts that nobody draws on and that owe nothing. Once a second.
  void look_around(Duration now);

  std::size_t accounts() const { return devices_.size() + companies_.size(); }

 private:
  using Accounts = std::unordered_map<std::string, std::shared_ptr<Account>>;
  static std::shared_ptr<Account>& account(Accounts& accounts, std::string key,
                                           const AccountLimits& limits, Duration now);

  const AllowanceLimits limits_;
  Accounts devices_;  // by company and device
  Accounts companies_;
};

}  // namespace cauce::gateway
