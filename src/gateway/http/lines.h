// NDJSON as it comes, packed or not: bytes in, whole lines out, whatever its length and with
// bounded memory. Knows nothing of sockets and streams.
//
// What was packed is given out when its checksum is right: at the end of each member of gzip, and
// of each frame of zstd, or when unchecked_bytes_max of it wait for that.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "gateway/http/body.h"
#include "packing/unpacker.h"

namespace cauce::gateway::http {

struct LineLimits {
  PayloadLimit line{record::payload_bytes_max};
  std::size_t unchecked_bytes_max = 4 << 20;
  // Of one read(): what is nothing but empty lines takes no longer.
  std::size_t unpacked_bytes_max = 8 << 20;
};

class Lines {
 public:
  Lines(packing::Packing packing, const LineLimits& limits);

  // The next bytes of the body, or that there are no more. Only when read() wants them.
  void put(BytesView piece);
  void put_end() { ended_ = true; }

  struct Line {
    std::uint64_t number = 0;  // from 1; empty lines count
    BytesView text;            // without its line end
  };
  // The next lines that are not empty; at most lines_max of them, and no more once they have
  // bytes_max together. They are valid until the next call. Empty: it wants more bytes, is busy or
  // at its end, or there is a refusal().
  const std::vector<Line>& read(std::size_t lines_max, std::size_t bytes_max);

  // There is more to be read, without more bytes.
  bool is_busy() const { return busy_; }
  bool at_end() const { return ended_ && !busy_ && at_ == text_.size(); }
  // The body is not read beyond the lines that were given out.
  const std::optional<Refusal>& refusal() const { return refusal_; }

  // Of text that came, before it was packed.
  std::uint64_t text_bytes() const { return text_bytes_; }
  // What is held.
  std::size_t memory_bytes() const;

 private:
  void take_lines(std::size_t lines_max, std::size_t bytes_max);
  void keep(BytesView line);
  // False when there is nothing to unpack.
  bool unpack();
  void drop_read();

  const LineLimits limits_;
  const std::unique_ptr<packing::Unpacker> unpacker_;
  Bytes packed_;
  std::size_t packed_at_ = 0;
  Bytes step_text_;  // of one step of unpacking
  Bytes text_;
  std::size_t at_ = 0;        // the line that comes next
  std::size_t searched_ = 0;  // no line ends before
  std::size_t released_ = 0;  // lines before may be given out. at_ <= searched_ <= released_
  std::uint64_t number_ = 0;  // of the line that was read last
  std::uint64_t text_bytes_ = 0;
  std::vector<Line> lines_;
  std::optional<Refusal> refusal_;
  bool wrote_all_ = false;  // the last step filled its room: there may be more
  bool ended_ = false;
  bool busy_ = false;
};

}  // namespace cauce::gateway::http
