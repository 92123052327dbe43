// Companies, sites, device types, devices with their keys, alarm rules, users and access tokens:
// what people manage. Only `api` writes (Business); every other role holds a Registry in memory
// that follows the changes within 100 ms.
//
// Every write adds a row to changes(sequence, kind, key) in the same transaction; a follower reads
// the rows it has not seen. Names follow base/names.h and never change.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "business/limits.h"

namespace cauce::business {

// Where `--open` puts everything; nobody can create a company of this name.
constexpr std::string_view open_company = "open";

struct Company {
  std::string name;
  std::string title;
  // The X.509 certificate, in DER, that signs those of its devices; empty: they have none. No two
  // companies have the same.
  Bytes authority = {};
  Limits limits = {};  // of all its devices together
};

struct Site {
  std::string company;
  std::string name;
  std::string title;
  std::string time_zone;  // IANA name, "Europe/Madrid"
};

enum class Encryption { none, aes256gcm };  // aes256gcm: docs/formats/encryption.md
enum class Format { json, senml };          // senml: RFC 8428 in JSON

// How one metric of a device becomes a fact: value * scale + offset, in `unit`.
struct MetricMapping {
  std::string source;  // the name in the payload: "t"
  std::string metric;  // the name in facts: "temperature"
  std::string unit;    // "Cel", UCUM
  double scale = 1;
  double offset = 0;
};

struct DeviceType {
  std::string company;
  std::string name;
  Format format = Format::json;
  Encryption encryption = Encryption::none;
  // Metrics not listed keep their name, value and unit.
  std::vector<MetricMapping> metrics;
  // The metric, as the payload names it, whose values count the device's messages; may be empty.
  std::string sequence = {};
};

// A payload key. `secret` is crypto::key_bytes long and encrypted at rest.
struct DeviceKey {
  std::uint32_t key_id = 0;
  Bytes secret;
};

// A key that cauce and a device share, which admits the device by TLS and DTLS. Encrypted at rest.
struct SharedKey {
  // Which of the two that a device may have, 1 or 2: a part of the identity by which its holder
  // names it (shared_key.h), because a handshake cannot try both.
  std::uint32_t place = 1;
  Bytes secret;  // shared_key_bytes_min to shared_key_bytes_max

  bool operator==(const SharedKey&) const = default;
};

constexpr std::size_t shared_keys_max = 2;  // of one device at the same time
constexpr std::size_t shared_key_bytes_min = 16;
constexpr std::size_t shared_key_bytes_max = 64;

struct Device {
  std::string company;
  std::string name;
  std::string type;
  std::string site;  // may be empty
  std::string area;
  Bytes token_hash;  // SHA-256 of the token
  std::vector<DeviceKey> keys;
  bool enabled = true;
  Time created_at;
  // May publish for any device of its company: another broker that passes on what it gets.
  bool bridge = false;
  // Of the token before, while it is still admitted, so that a device can change to the next one
  // without being shut out; empty: there is none.
  Bytes earlier_token_hash = {};
  // A certificate that begins earlier does not admit the device: how certificates are revoked.
  Time certificates_since = time_min;
  std::vector<SharedKey> shared_keys = {};  // the newest first
  Limits limits = {};
};

enum class RuleKind { threshold, silence, undecodable, anomaly };
enum class Direction { above, below };

// On 41 series of the Numenta Anomaly Benchmark this score finds 37 of 83 labelled anomalies with 3
// false alarms in 232,200 readings; 0.5 finds 64 with 59 (docs/performance/nab.md).
constexpr double anomaly_score_default = 0.8;
constexpr Duration anomaly_quiet_default = std::chrono::minutes{10};

// When an alarm is raised. Empty `device` means every device of the company, empty `device_type`
// every type.
struct Rule {
  std::string company;
  std::string name;
  RuleKind kind = RuleKind::threshold;
  std::string device;
  std::string device_type;
  // Of facts, in the type's unit. threshold: this one; anomaly: this one, or every number if empty.
  std::string metric;
  Direction direction = Direction::above;  // threshold
  double raise_at = 0;                     // threshold: raised at or beyond …; anomaly: raised at
                                           // this score or a higher one, (0, 1]
  double clear_at = 0;                     // … cleared at or back behind (hysteresis)
  Duration duration{0};     // threshold: beyond raise_at for so long; silence: nothing for so long;
                            // anomaly: cleared after so long without one
  std::uint32_t count = 1;  // undecodable: raised at so many within `duration`
  std::string severity = "warning";  // "info", "warning" or "critical"
  bool enabled = true;
};

enum class Access { viewer, operator_, owner };

constexpr std::size_t user_name_bytes_max = 128;

// Who signs in with a password. The name is his alone in the whole installation, because it is all
// that he says about himself: a name or an e-mail address.
struct User {
  std::string name;     // is_user_name()
  std::string company;  // empty: every company (the installation's owner)
  Access access = Access::viewer;
  std::string password_hash;  // of crypto::hash_password()
  bool enabled = true;
  Time created_at;
};

// 1 to user_name_bytes_max of a-z 0-9 _ - . + @ beginning with a letter or a digit.
bool is_user_name(std::string_view text);

// Of one user at the same time; one more ends the one that would run out first.
constexpr std::size_t user_sessions_max = 16;

// Who may use the API. Only the hash of the token is kept.
struct AccessToken {
  Bytes token_hash;
  std::string company;  // empty: every company (the installation's owner)
  Access access = Access::viewer;
  std::string title;
  std::optional<Time> expires_at;
  bool once = false;  // valid for one exchange only (the first owner's link)
  // Whose session it is: company and access are then the user's, as they are now. Empty: nobody's.
  std::string user = {};
};

// A consistent copy of everything, kept up to date by one thread and read by that thread. A name is
// looked up in its company only. What is answered lives until the next refresh().
class Registry {
 public:
  virtual ~Registry() = default;

  // Reads what changed since the last call; true when something did. Cheap when nothing did.
  // Before the store was first written, the registry is empty.
  virtual Result<bool> refresh() = 0;

  virtual const Company* company(std::string_view name) const = 0;
  virtual const Site* site(std::string_view company, std::string_view name) const = 0;
  virtual const DeviceType* device_type(std::string_view company, std::string_view name) const = 0;
  virtual const Device* device(std::string_view company, std::string_view name) const = 0;
  // The device whose token, or earlier token, has this SHA-256; nullptr when there is none.
  // Disabled devices too.
  virtual const Device* device_by_token(BytesView token_hash) const = 0;
  virtual const AccessToken* access_token(BytesView token_hash) const = 0;
  // Of whichever company.
  virtual const User* user(std::string_view name) const = 0;
  virtual std::vector<const Company*> companies() const = 0;
  virtual std::vector<const Site*> sites(std::string_view company) const = 0;
  virtual std::vector<const DeviceType*> device_types(std::string_view company) const = 0;
  virtual std::vector<const Device*> devices(std::string_view company) const = 0;
  virtual std::vector<const Rule*> rules(std::string_view company) const = 0;
  // Of every company, and those of none.
  virtual std::vector<const User*> users() const = 0;
  virtual std::vector<const AccessToken*> access_tokens() const = 0;
};

// The writer; `conflict` when what is created exists, `invalid` naming the field, `not_found` for
// what is referred to. One thread at a time.
class Business {
 public:
  virtual ~Business() = default;

  virtual Result<void> create(const Company& company) = 0;
  virtual Result<void> create(const Site& site) = 0;
  virtual Result<void> create(const DeviceType& type) = 0;
  virtual Result<void> create(const Device& device) = 0;
  virtual Result<void> create(const Rule& rule) = 0;
  virtual Result<void> create(const User& user) = 0;
  virtual Result<void> create(const AccessToken& token) = 0;

  virtual Result<void> update(const Company& company) = 0;
  // Its `sequence`; all else stays as it was made.
  virtual Result<void> update(const DeviceType& type) = 0;
  virtual Result<void> update(const Device& device) = 0;
  virtual Result<void> update(const Rule& rule) = 0;
  // Another password and being disabled end the user's sessions.
  virtual Result<void> update(const User& user) = 0;
  virtual Result<void> remove_rule(std::string_view company, std::string_view name) = 0;
  // Ends his sessions.
  virtual Result<void> remove_user(std::string_view name) = 0;
  virtual Result<void> remove_token(BytesView token_hash) = 0;
};

// The business data of one engine; app/engines.cpp makes it.
class Store {
 public:
  virtual ~Store() = default;
  // `conflict` naming the holder when another process writes.
  virtual Result<std::unique_ptr<Business>> open_writer() = 0;
  virtual Result<std::unique_ptr<Registry>> open_registry() = 0;
};

}  // namespace cauce::business
