// Every decoder on any bytes: it answers, and what it accepts it would have written itself.
#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/invariant.h"
#include "record/command.h"
#include "record/fact.h"
#include "record/message.h"
#include "record/reading.h"
#include "record/session.h"

namespace {

using namespace cauce;

void try_raw(BytesView bytes) {
  const auto record = record::decode_raw(bytes);
  if (!record) return;
  switch (record->kind) {
    case record::RawKind::message: INVARIANT(bytes == record::encode(record->message)); return;
    case record::RawKind::tick:
      INVARIANT(bytes == record::encode(record::Tick{record->at}));
      return;
    case record::RawKind::particulars:
      INVARIANT(bytes == record::encode(*record::decode_particulars(bytes)));
      return;
    case record::RawKind::session_change:
      INVARIANT(bytes == record::encode(*record::decode_session_change(bytes)));
      return;
  }
}

void try_command(BytesView bytes) {
  const auto record = record::decode_command(bytes);
  if (!record || record::raw_kind(bytes) == record::RawKind::message) return;
  INVARIANT(bytes == std::visit([](const auto& kind) { return record::encode(kind); }, *record));
}

void try_reading(BytesView bytes) {
  const auto record = record::decode_reading(bytes);
  if (!record) return;
  INVARIANT(bytes == std::visit([](const auto& kind) { return record::encode(kind); }, *record));
}

void try_fact(BytesView bytes) {
  const auto fact = record::decode_fact(bytes);
  if (!fact) return;
  INVARIANT(bytes == record::encode(*fact));
}

void try_series(BytesView bytes) {
  const auto series = record::parse_series(bytes);
  if (!series) return;
  INVARIANT(bytes == record::to_text(*series));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{reinterpret_cast<const char*>(data), size};
  try_raw(bytes);
  try_command(bytes);
  try_reading(bytes);
  try_fact(bytes);
  try_series(bytes);
  return 0;
}
