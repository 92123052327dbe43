// One body on its way into a file: what HttpConnection writes to (http.h says what is promised).
// Inside this room only. The loop's thread, except that the BodyFile it becomes may go anywhere.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "net/http.h"

namespace cauce::net {

// Bytes in files that come or were not taken yet, of one server.
struct SpooledBytes {
  std::atomic<std::uint64_t> count{0};
};

struct SpoolFault {
  int status = 0;  // 0: none
  std::string why = {};
};

class Spool {
 public:
  virtual ~Spool() = default;

  // The next bytes of the body.
  virtual SpoolFault take(BytesView bytes) = 0;
  // The body is whole: this is what it became. Nothing is taken afterwards.
  virtual SpoolFault finish(std::shared_ptr<BodyFile>& made) = 0;
};

// `content_type` of the request; `length` when it was told.
SpoolFault open_spool(const BodyTarget& target, const Spooling& options,
                      std::shared_ptr<SpooledBytes> all, std::string_view content_type,
                      std::optional<std::uint64_t> length, std::unique_ptr<Spool>& made);

}  // namespace cauce::net
