// The payload format "json": an object, or an array of objects, whose members are values by name.
// The rules, for whoever programs a device, are in docs/formats/payloads.md.
//
//   {"time": "2026-11-21T23:48:40Z", "t": 21.5, "motor": {"rpm": 1450, "on": true}}
//
// gives t = 21.5, motor/rpm = 1450 and motor/on = true, all at that time.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "decode/formats/measurement.h"

namespace cauce::decode {

struct JsonLimits {
  // Members of one message, those that are null or hold members themselves included. With
  // record::payload_bytes_max this bounds what one message can grow to.
  std::size_t members_max = 4096;
  // 1 is {"t": 21.5}; 2 is {"motor": {"rpm": 1450}}.
  std::size_t depth_max = 8;
  std::size_t text_bytes_max = record::text_value_bytes_max;
};

// Keeps its memory from message to message; one thread.
class JsonParser {
 public:
  explicit JsonParser(JsonLimits limits = {});
  ~JsonParser();

  // All measurements in the order of the payload, or `invalid` with a sentence that names member,
  // value and limit: a message is read whole or not at all. Members without a time of their own
  // get `received_at`.
  Result<std::vector<Measurement>> parse(BytesView payload, Time received_at);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// A number as a point in time: seconds, milliseconds or microseconds since 1970, told apart by
// size, fractions rounded to the nearest microsecond. `invalid` outside [time_min, time_max).
Result<Time> time_of_number(double number);

}  // namespace cauce::decode
