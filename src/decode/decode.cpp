#include "decode/decode.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "decode/arrivals.h"

namespace cauce::decode {

using record::Undecodable;

Meters Meters::in(metrics::Metrics& metrics) {
  Meters meters{metrics.counters("cauce_decode_dead_letters_total",
                                 "Messages kept as dead letters, by the stage that failed.",
                                 {"stage"})};
  // So that a rate can be taken of the first one too.
  for (const char* stage : {"identify", "decrypt", "parse"})
    meters.dead_letters.at({stage});
  return meters;
}

Decode::Decode(business::Registry& registry, DeadLetters& dead_letters, ledger::Ledger& ledger,
               stream::Writer& readings, Partitions partitions, std::size_t frame_bytes,
               Meters meters)
    : DerivingSink(readings, partitions, frame_bytes),
      registry_(registry),
      dead_letters_(dead_letters),
      ledger_(ledger),
      source_(partitions.source),
      decoder_(registry),
      meters_(meters) {}

// A device is in the business data before anybody is shown its token, so whatever it sent is newer
// than what this refresh sees.
Result<void> Decode::begin_frame() {
  letters_.clear();
  if (auto refreshed = registry_.refresh(); !refreshed) {
    return refreshed.error().during("decode: read the business data");
  }
  return {};
}

Result<record::RawRecord> Decode::read(stream::Position position, BytesView bytes) const {
  auto raw = record::decode_raw(bytes);
  if (raw) return raw;
  // Our own gateway wrote it and its checksum is right: a newer program is at work here.
  return Error{Outcome::corrupt,
               fmt::format("position {} of raw, partition {}, is no record of this version: {}",
                           position.number, source_.number, raw.error().message)};
}

std::optional<Time> Decode::tick_of(const record::RawRecord& raw) {
  return raw.kind == record::RawKind::tick ? std::optional{raw.at} : std::nullopt;
}

// What is recalled needs the devices too.
Result<stream::Position> Decode::remembered_to(stream::Position derived) {
  if (auto refreshed = registry_.refresh(); !refreshed) {
    return refreshed.error().during("decode: read the business data");
  }
  return ledger_.resume(derived);
}

Result<void> Decode::recall(stream::Position position, BytesView bytes) {
  if (!ledger_.wants(position)) return {};
  auto raw = read(position, bytes);
  if (!raw) return raw.error();
  if (!raw->is_message()) {
    ledger_.pass(position, tick_of(*raw));
    return {};
  }
  const Sender sender = decoder_.sender_of(raw->message);
  const record::Origin origin{.partition = source_.number, .position = position.number};
  return count(raw->message, sender, decoder_.decode(raw->message, sender, origin), position);
}

Result<void> Decode::derive(stream::Position position, BytesView bytes,
                            std::vector<Bytes>& derived) {
  auto raw = read(position, bytes);
  if (!raw) return raw.error();
  if (!raw->is_message()) ledger_.pass(position, tick_of(*raw));
  if (raw->kind == record::RawKind::tick) {
    stream_time_ = std::max(stream_time_, raw->at);
    derived.push_back(record::encode(record::Tick{raw->at}));
    return {};
  }
  if (!raw->is_message()) return {};
  record::Message& message = raw->message;
  stream_time_ = std::max(stream_time_, message.received_at);
  const record::Origin origin{.partition = source_.number, .position = position.number};
  const Sender sender = decoder_.sender_of(message);
  const Decoded decoded = decoder_.decode(message, sender, origin);
  if (auto counted = count(message, sender, decoded, position); !counted) return counted;
  if (const auto* undecodable = std::get_if<Undecodable>(&decoded)) {
    derived.push_back(record::encode(*undecodable));
    letters_.push_back({origin, std::move(message), undecodable->stage, undecodable->reason});
    return {};
  }
  for (const record::Reading& reading : *std::get_if<std::vector<record::Reading>>(&decoded))
    derived.push_back(record::encode(reading));
  return {};
}

Result<void> Decode::count(const record::Message& message, const Sender& sender,
                           const Decoded& decoded, stream::Position position) {
  if (sender.device == nullptr) {
    ledger_.pass(position, message.received_at);
    return {};
  }
  describe_arrival(message, sender, decoded, arrival_);
  return ledger_.enter(position, message.company, message.device, arrival_);
}

Result<void> Decode::before_append(const stream::Source& source) {
  if (auto kept = dead_letters_.replace(source, letters_, stream_time_); !kept) {
    return kept.error().during("decode: keep the dead letters");
  }
  for (const DeadLetter& letter : letters_)
    meters_.dead_letters.at({letter.stage}).add();
  FAILPOINT("decode.after_dead_letters");
  if (auto kept = ledger_.keep(); !kept) return kept.error().during("decode: keep the ledger");
  FAILPOINT("decode.before_append");
  return {};
}

}  // namespace cauce::decode
