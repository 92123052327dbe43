#include "decode/arrivals.h"

#include <algorithm>
#include <cmath>
#include <variant>

namespace cauce::decode {
namespace {

void take_number(const record::Value& value, ledger::Arrival& arrival) {
  const double* number = std::get_if<double>(&value);
  const bool counts = number != nullptr && *number >= 0 && *number <= double(ledger::number_max) &&
                      std::floor(*number) == *number;
  if (counts) {
    arrival.numbers.push_back(std::uint64_t(*number));
  } else {
    ++arrival.numbers_unusable;
  }
}

}  // namespace

void describe_arrival(const record::Message& message, const Sender& sender, const Decoded& decoded,
                      ledger::Arrival& arrival) {
  arrival.received_at = message.received_at;
  arrival.payload_bytes = message.payload.size();
  arrival.readings = 0;
  arrival.newest_reading.reset();
  arrival.measured_at.reset();
  arrival.sequence = sender.type == nullptr ? std::string_view{} : sender.type->sequence;
  arrival.numbers.clear();
  arrival.numbers_unusable = 0;
  const auto* readings = std::get_if<std::vector<record::Reading>>(&decoded);
  arrival.is_dead_letter = readings == nullptr;
  if (readings != nullptr) {
    arrival.readings = readings->size();
    for (const record::Reading& reading : *readings) {
      arrival.newest_reading = std::max(arrival.newest_reading, std::optional{reading.time});
      if (reading.time != message.received_at)
        arrival.measured_at = std::max(arrival.measured_at.value_or(reading.time), reading.time);
      if (!arrival.sequence.empty() && reading.metric == arrival.sequence)
        take_number(reading.value, arrival);
    }
  }
  const bool is_encrypted =
      sender.type != nullptr && sender.type->encryption != business::Encryption::none;
  arrival.is_one_of_a_kind =
      is_encrypted || arrival.measured_at.has_value() || !arrival.numbers.empty();
  arrival.mark =
      arrival.is_one_of_a_kind ? ledger::mark_of(message.payload, arrival.measured_at) : 0;
}

}  // namespace cauce::decode
