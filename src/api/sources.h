// What the api shows of rooms on its own floor and of the machine. It includes none of them: app/
// implements these interfaces over alarms, decode, the supervisor's files and the disk. All calls
// come from the api's worker thread; they may read a disk, but must not wait for anybody.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "net/net.h"
#include "record/fact.h"

namespace cauce::api {

// One alarm in its life: raised, perhaps cleared. Two kinds of time: stream time is when something
// was received; value time is what the device says, the time axis of its curve.
struct Alarm {
  std::uint64_t id = 0;  // larger is younger
  std::string company;
  std::string rule;
  std::string kind;      // "threshold", "silence", "undecodable", "anomaly"
  std::string severity;  // "info", "warning" or "critical"
  std::string device;
  // Of threshold and anomaly; empty when the alarm is about the device as a whole.
  std::string metric;

  std::string direction;  // threshold, anomaly: "above" or "below" …
  double limit = 0;       // … this
  Duration span{0};       // silence: how long nothing had come when it was raised; anomaly: how
                          // long there had been nothing like it
  std::string feature;    // anomaly: what was unusual, "value", "level", "season", "departure" …
  double score = 0;       // … and its highest score, 0 to 1
  std::string stage;      // undecodable: where the last such message failed …
  std::string detail;     // … and why, one sentence

  Time raised_at;                  // stream time
  std::optional<Time> cleared_at;  // stream time; empty while open
  std::string clear_reason;        // "recovered", "rule_changed", …; empty while open
  Time since;                      // value time of its beginning on the curve
  std::optional<Time> until;       // value time of its end there; empty while open

  // Readings of a threshold; the last one before a silence; how many could not be decoded.
  std::optional<double> value;  // when raised
  std::optional<double> peak;   // the worst while open
  std::optional<double> last;   // the latest
  std::string unit;
  std::string value_metric;  // which metric they are of; empty for undecodable

  // All of it in one sentence without the device's name.
  std::string text_en;
  std::string text_es;

  bool operator==(const Alarm&) const = default;
};

struct AlarmQuery {
  std::string company;
  std::string device;                  // empty: every device
  bool open_only = false;              // not cleared yet
  std::optional<std::uint64_t> after;  // only ids below: the last one of the page before
  std::size_t alarms_max = 100;
};

// Alarms of a series, and of its device as a whole, that lasted at some moment of [from, to) in
// value time; an open alarm lasts for ever.
struct AlarmStretch {
  record::Series series;
  Time from;
  Time to;
  std::optional<std::uint64_t> after;  // the last id of the page before
  std::size_t alarms_max = 100;
};

class AlarmHistory {
 public:
  virtual ~AlarmHistory() = default;

  // The youngest first.
  virtual Result<std::vector<Alarm>> list(const AlarmQuery& query) = 0;
  // nullopt when the company has no alarm of this id.
  virtual Result<std::optional<Alarm>> find(std::string_view company, std::uint64_t id) = 0;
  // The youngest first.
  virtual Result<std::vector<Alarm>> overlapping(const AlarmStretch& stretch) = 0;
};

// Where a message stands in `raw`: how a dead letter is named.
struct RawPosition {
  std::uint32_t partition = 0;
  std::uint64_t position = 0;

  auto operator<=>(const RawPosition&) const = default;
};

// A message that could not be decrypted or decoded.
struct DeadLetter {
  RawPosition at;
  std::string company;
  std::string device;
  std::string topic;
  std::string content_type;
  Time received_at;
  std::string stage;   // "identify", "decrypt" or "parse"
  std::string reason;  // one sentence without secrets
  std::size_t payload_bytes = 0;
  Bytes payload;  // of find() only; lists leave it empty

  bool operator==(const DeadLetter&) const = default;
};

struct DeadLetterQuery {
  std::string company;
  std::string device;                // empty: every device
  std::optional<RawPosition> after;  // only positions below: the last one of the page before
  std::size_t letters_max = 100;
};

struct DeadLetterCount {
  std::string device;
  std::string stage;
  std::string reason;
  std::uint64_t count = 0;
  Time last_received_at;
};

class DeadLetterShelf {
 public:
  virtual ~DeadLetterShelf() = default;

  // The youngest first.
  virtual Result<std::vector<DeadLetter>> list(const DeadLetterQuery& query) = 0;
  // With its payload; nullopt when the company has none at this position.
  virtual Result<std::optional<DeadLetter>> find(std::string_view company, RawPosition at) = 0;
  // By device, stage and reason, the most frequent first, at most `counts_max`. A `device` that is
  // not empty narrows it to one.
  virtual Result<std::vector<DeadLetterCount>> counts(std::string_view company,
                                                      std::string_view device,
                                                      std::size_t counts_max) = 0;
};

struct Disk {
  std::uint64_t free_bytes = 0;
  std::uint64_t total_bytes = 0;
};

struct ProcessState {
  std::string name;   // "gateway", "flow", "alarms", "api"
  std::string state;  // "running", "restarting" or "stopped"
  int restarts = 0;
  std::string last_exit;  // empty when it never ended
  Time since;
};

// How far one group of consumers is behind the topic that it reads.
struct GroupLag {
  std::string group;  // "lake", "decode", …
  std::string topic;
  std::uint64_t records = 0;  // not processed yet
  Duration oldest_age{0};     // of the oldest of them; 0 when there is none
};

// Where one topic of the stream begins and ends.
struct TopicSpan {
  std::string topic;  // "raw", …
  std::uint64_t first = 0;
  std::uint64_t end = 0;
};

// What one process last said of itself.
struct ProcessMetrics {
  std::string process;
  bool fresh = false;  // it was written seconds ago; else the process is down, or hangs
  std::string text;    // metrics::Metrics::text(); empty unless fresh
};

// The installation as a whole. Without a supervisor there are no processes.
class Platform {
 public:
  virtual ~Platform() = default;

  virtual Result<Disk> disk() = 0;
  virtual Result<std::vector<ProcessState>> processes() = 0;
  virtual Result<std::vector<GroupLag>> groups() = 0;
  virtual Result<std::vector<TopicSpan>> topics() = 0;
  virtual Result<std::vector<ProcessMetrics>> metrics() = 0;
  // Where devices publish; nullopt while no gateway runs.
  virtual std::optional<net::Address> gateway_address() = 0;
  // The same for devices that speak HTTP.
  virtual std::optional<net::Address> ingest_address() = 0;
};

}  // namespace cauce::api
