// The payload format "senml": Sensor Measurement Lists in JSON (RFC 8428). The rules, for whoever
// programs a device, are in docs/formats/payloads.md.
//
//   [{"bn": "mote-1:", "bt": 1795304920, "n": "t", "u": "Cel", "v": 21.5}, {"n": "h", "v": 40}]
//
// gives, for the device mote-1, t = 21.5 Cel and h = 40, both at that time.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "decode/formats/measurement.h"

namespace cauce::decode {

struct SenmlLimits {
  // With record::payload_bytes_max this bounds what one message can grow to.
  std::size_t records_max = 4096;
  std::size_t text_bytes_max = record::text_value_bytes_max;
  std::size_t unit_bytes_max = record::unit_bytes_max;
};

// Keeps its memory from message to message; one thread.
class SenmlParser {
 public:
  explicit SenmlParser(SenmlLimits limits = {});
  ~SenmlParser();

  // The measurements of all records, resolved (RFC 8428 section 4.6), in the order of the payload;
  // or `invalid` with a sentence that names record, field and limit: a pack is read whole or not
  // at all. `device` is whose message it is, `received_at` what "now" means.
  Result<std::vector<Measurement>> parse(BytesView payload, std::string_view device,
                                         Time received_at);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The metric that a full SenML name (base name and name) stands for at `device`: without a leading
// "{device}" or "urn:dev:{type}:{device}" and the ':', '/' or '.' behind it, when something
// follows; each other ':' becomes '/'. Not yet checked: is_metric() may refuse it.
std::string metric_of_senml_name(std::string_view name, std::string_view device);

}  // namespace cauce::decode
