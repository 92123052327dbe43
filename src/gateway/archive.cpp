#include "gateway/archive.h"

#include "record/command.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};
constexpr std::size_t read_bytes_max = 64 << 10;

bool holds(const stream::Batch& batch, stream::Position position) {
  return !batch.is_lost() && batch.from <= position && position < batch.to;
}

// nullopt: it is something else.
Result<std::optional<record::Message>> message_of(BytesView record) {
  auto decoded = record::decode_raw(record);
  if (!decoded) return decoded.error();
  if (!decoded->is_message()) return std::optional<record::Message>{};
  return std::optional(std::move(decoded->message));
}

Result<std::optional<record::Message>> command_of(BytesView record) {
  auto decoded = record::decode_command(record);
  if (!decoded) return decoded.error();
  auto* command = std::get_if<record::Command>(&*decoded);
  if (command == nullptr) return std::optional<record::Message>{};
  return std::optional(std::move(command->message));
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
                 std::unique_ptr<stream::Reader> commands)
    : loop_(loop), raw_{std::move(raw)}, commands_{std::move(commands)} {}

void Archive::fetch(std::vector<broker::Place> places, Done done) {
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back({std::move(places), std::move(done)});
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
  loop_.post([done = std::move(request.done), fetched] { done(*fetched); });
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
  auto message = place.shelf == broker::Shelf::raw ? message_of(shelf.batch.records[index])
                                                   : command_of(shelf.batch.records[index]);
  if (!message) return message.error();
  if (!*message) return broker::Fetched{place, nullptr};
  return broker::Fetched{place, to_publication(place, std::move(**message))};
}

}  // namespace cauce::gateway
