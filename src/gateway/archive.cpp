#include "gateway/archive.h"

#include "record/message.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};
constexpr std::size_t read_bytes_max = 64 << 10;

bool holds(const stream::Batch& batch, stream::Position position) {
  return !batch.is_lost() && batch.from <= position && position < batch.to;
}

broker::SharedPublication to_publication(broker::Place place, record::Message message) {
  auto publication = std::make_shared<broker::Publication>();
  publication->place = place;
  publication->topic = std::move(message.topic);
  publication->payload = std::move(message.payload);
  return publication;
}

}  // namespace

Archive::Archive(net::Loop& loop, std::unique_ptr<stream::Reader> raw,
                 std::unique_ptr<stream::Reader> commands, Answer answer)
    : loop_(loop),
      raw_{std::move(raw)},
      commands_{std::move(commands)},
      answer_(std::make_shared<Answer>(std::move(answer))) {}

void Archive::fetch(std::uint64_t session, std::vector<broker::Place> places) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back({session, std::move(places)});
  }
  signal_.set();
}

Result<work::Progress> Archive::step() {
  Request request;
  {
    const std::lock_guard lock(mutex_);
    if (requests_.empty()) return work::Progress::idle;
    request = std::move(requests_.front());
    requests_.pop_front();
  }
  auto fetched = std::make_shared<std::vector<broker::Fetched>>();
  std::size_t bytes = 0;
  for (const broker::Place place : request.places) {
    if (bytes >= answer_bytes_max) break;
    auto found = bring(place);
    if (!found && found.error().outcome == Outcome::unavailable)
      return put_back(std::move(request));
    if (!found) return found.error().during("read a queued message");
    if (found->publication) bytes += found->publication->payload.size();
    fetched->push_back(std::move(*found));
  }
  loop_.post(
      [answer = answer_, session = request.session, fetched] { (*answer)(session, *fetched); });
  return work::Progress::worked;
}

work::Progress Archive::put_back(Request request) {
  const std::lock_guard lock(mutex_);
  requests_.push_front(std::move(request));
  return work::Progress::idle;
}

Archive::Shelf& Archive::shelf_of(broker::Place place) {
  return place.shelf == broker::Shelf::raw ? raw_ : commands_;
}

Result<broker::Fetched> Archive::bring(broker::Place place) {
  Shelf& shelf = shelf_of(place);
  if (!holds(shelf.batch, place.position)) {
    auto batch = shelf.reader->read(only_partition, place.position, read_bytes_max);
    if (!batch && batch.error().outcome == Outcome::not_found) {
      return broker::Fetched{place, nullptr};
    }
    if (!batch) return batch.error();
    shelf.batch = std::move(*batch);
  }
  // What is routed is durable, so it is there until retention takes it, or the disk damages it.
  if (!holds(shelf.batch, place.position)) return broker::Fetched{place, nullptr};
  const std::size_t index = place.position.number - shelf.batch.from.number;
  auto record = record::decode_raw(shelf.batch.records[index]);
  if (!record) return record.error();
  if (!record->is_message()) return broker::Fetched{place, nullptr};
  return broker::Fetched{place, to_publication(place, std::move(record->message))};
}

}  // namespace cauce::gateway
