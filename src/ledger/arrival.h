// What the ledger is told of one message: what arrived and when, not what the values were.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"

namespace cauce::ledger {

// The largest number that a counter in a message may have: up to here a double holds each of them.
constexpr std::uint64_t number_max = 1ULL << 53;

struct Arrival {
  Time received_at;  // stream time, which never decreases
  std::uint64_t payload_bytes = 0;
  std::uint64_t readings = 0;
  bool is_dead_letter = false;

  // Equal for the same bytes with the same time, and hardly ever for others.
  std::uint64_t mark = 0;
  // The same bytes are the same message: it is encrypted, or says its own time or number. Two
  // messages that say no more than {"t": 21.5} may well be two.
  bool is_one_of_a_kind = false;

  // The newest time of its readings; nullopt when it has none.
  std::optional<Time> newest_reading;
  // The newest of those that the device gave itself; nullopt when it gave none.
  std::optional<Time> measured_at;

  // The metric that counts messages, as the device type names it; empty when it names none.
  std::string_view sequence = {};
  // What it says, in the order of the payload, each at most number_max …
  std::vector<std::uint64_t> numbers = {};
  // … and how many of its values are no such number.
  std::uint64_t numbers_unusable = 0;
};

// For Arrival::mark.
std::uint64_t mark_of(BytesView payload, std::optional<Time> measured_at);

}  // namespace cauce::ledger
