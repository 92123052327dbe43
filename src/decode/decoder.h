// From a message to readings: who sent it, what the payload says when opened, what it says when
// read. Pure: the same message, the same business data, the same answer; nothing is stored here.
//
// What `--open` admits from devices that nobody created, and every topic but
// devices/{device}/telemetry, is stored in the lake and not decoded: no reading, no dead letter.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "business/business.h"
#include "decode/formats/json.h"
#include "decode/formats/senml.h"
#include "record/message.h"
#include "record/reading.h"

namespace cauce::decode {

// The readings of a message, in the order of the payload, or why there are none.
using Decoded = std::variant<std::vector<record::Reading>, record::Undecodable>;

// Whose message it is, as the business data says; both null when it does not know the device, and
// `type` alone when the device is of a type that the company does not have. Until the next refresh.
struct Sender {
  const business::Device* device = nullptr;
  const business::DeviceType* type = nullptr;
};

// One thread, that of the registry.
class Decoder {
 public:
  explicit Decoder(const business::Registry& registry) : registry_(registry) {}

  // `origin.index` counts from 0 in the readings; the caller gives the rest. Undecodable::reason is
  // one sentence without secrets, stage one of "identify", "decrypt" and "parse".
  Decoded decode(const record::Message& message, record::Origin origin) {
    return decode(message, sender_of(message), origin);
  }
  // The same for whom sender_of() knows already.
  Decoded decode(const record::Message& message, const Sender& sender, record::Origin origin);
  Sender sender_of(const record::Message& message) const;

  // What the device encrypted; nullopt when its type does not say that it encrypts, or when the
  // payload cannot be opened.
  std::optional<Bytes> decrypt(const record::Message& message) const;

 private:
  Result<std::vector<Measurement>> parse(BytesView payload, const record::Message& message,
                                         const business::DeviceType& type);

  const business::Registry& registry_;
  JsonParser json_;
  SenmlParser senml_;
};

}  // namespace cauce::decode
