// A message that could not be decoded, and why.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "record/message.h"
#include "record/reading.h"

namespace cauce::decode {

struct DeadLetter {
  record::Origin origin;  // index 0
  record::Message message;
  std::string stage;   // as in record::Undecodable
  std::string reason;  // as in record::Undecodable

  bool operator==(const DeadLetter&) const = default;
};

// A dead letter's place among those of its company, newest last.
struct DeadLetterPlace {
  Time received_at;
  std::uint32_t partition = 0;
  std::uint64_t position = 0;

  auto operator<=>(const DeadLetterPlace&) const = default;
};

inline DeadLetterPlace place_of(const DeadLetter& letter) {
  return {letter.message.received_at, letter.origin.partition, letter.origin.position};
}

}  // namespace cauce::decode
