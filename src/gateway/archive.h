// Brings messages back from the stream for those whose turn has come: sessions, and devices that
// ask for their commands. Reads on a thread of its own, because a disk may take its time.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/broker/outbox.h"
#include "gateway/broker/publication.h"
#include "net/net.h"
#include "stream/stream.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::gateway {

class Archive final : public work::Worker {
 public:
  // One answer holds at most so many bytes of payloads, and at least one message.
  static constexpr std::size_t answer_bytes_max = 256 << 10;

  // On the loop's thread: what stands at the places, all or the first of them, at least one. It may
  // come after the archive has gone.
  using Done = std::function<void(const std::vector<broker::Fetched>& fetched)>;

  Archive(net::Loop& loop, std::unique_ptr<stream::Reader> raw,
          std::unique_ptr<stream::Reader> commands);

  // Any thread. Requests are not bounded here: a session or a client has one under way.
  void fetch(std::vector<broker::Place> places, Done done);

  std::string_view name() const override { return "archive"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override { signal_.wait(span_max); }
  void wake() override { signal_.set(); }

 private:
  struct Request {
    std::vector<broker::Place> places;
    Done done;
  };
  // The records that were read last: neighbours are often asked for together.
  struct Shelf {
    std::unique_ptr<stream::Reader> reader;
    stream::Batch batch = {};
  };

  Result<broker::Fetched> bring(broker::Place place);
  work::Progress put_back(Request request);
  Shelf& shelf_of(broker::Place place);

  net::Loop& loop_;
  Shelf raw_;
  Shelf commands_;
  work::Signal signal_;
  std::mutex mutex_;  // guards requests_
  std::deque<Request> requests_;
};

}  // namespace cauce::gateway
