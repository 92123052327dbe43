// Any bytes as an upgrade and the frames behind it, in pieces of any size: what comes out does not
// depend on the pieces, and nothing is taken beyond the limits.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "net/websocket_frames.h"
#include "net/websocket_upgrade.h"

namespace {

using cauce::Bytes;
using cauce::BytesView;

constexpr std::size_t head_bytes_max = 512;
constexpr std::size_t frame_bytes_max = 1000;

struct Outcome {
  Bytes answer;
  Bytes refusal;
  Bytes payload;
  Bytes pongs;
  Bytes violation;
  bool ended = false;

  bool operator==(const Outcome&) const = default;
};

// The first byte says whether an upgrade comes first.
Outcome read(BytesView text, bool upgrades, std::size_t piece_bytes) {
  Outcome outcome;
  Bytes head;
  bool upgraded = !upgrades;
  cauce::net::FrameReader frames{frame_bytes_max};
  while (!text.empty() && !outcome.ended) {
    Bytes piece(text.substr(0, piece_bytes));
    text.remove_prefix(piece.size());
    if (!upgraded) {
      head += piece;
      const auto upgrade = cauce::net::take_upgrade(head, "mqtt", head_bytes_max);
      if (!upgrade) {
        if (head.size() > head_bytes_max) std::abort();
        continue;
      }
      outcome.answer = upgrade->answer;
      outcome.refusal = upgrade->refusal;
      if (!upgrade->refusal.empty()) return outcome;
      upgraded = true;
      piece.swap(head);
    }
    const auto end = frames.read(piece, outcome.payload, outcome.pongs);
    if (!end) continue;
    outcome.ended = true;
    outcome.violation = end->violation;
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count < 2) return 0;
  const BytesView text(reinterpret_cast<const char*>(bytes) + 1, count - 1);
  const bool upgrades = (bytes[0] & 0x80) != 0;
  const Outcome whole = read(text, upgrades, text.size());
  if (whole != read(text, upgrades, 1 + bytes[0] % 16)) std::abort();
  if (whole.payload.size() + whole.pongs.size() > text.size()) std::abort();
  return 0;
}
