// A disk whose syncs take long, or stand still for a while: who appends is held back and told so,
// nothing is lost, and all is as before when the disk is.
#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "stream/embedded/fault_story.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::size_t in_flight_max = 100'000;
constexpr std::size_t record_bytes =
    996;  // a hundred of them, with their lengths, are in_flight_max
constexpr std::size_t records_max = 100;
const Options options{.bytes_in_flight_max = in_flight_max, .group_bytes_max = 20'000};

// Appends single records and knows when each was acknowledged, by the story's clock.
class Sender {
 public:
  explicit Sender(FaultStory& story) : story_(story) {}

  Result<void> send() {
    const Time sent_at = story_.clock().now();
    auto taken = story_.writer().append({}, {Bytes(record_bytes, 'x')}, [=, this](auto first) {
      REQUIRE(first);
      CHECK(first->number == acknowledged_);
      ++acknowledged_;
      waited_last_ = story_.clock().now() - sent_at;
    });
    if (taken) ++sent_;
    return taken;
  }

  // Until it is refused.
  void send_all() {
    while (true) {
      const auto taken = send();
      if (taken) continue;
      CHECK(taken.error().outcome == Outcome::exhausted);
      return;
    }
  }

  std::size_t sent() const { return sent_; }
  std::size_t acknowledged() const { return acknowledged_; }
  Duration waited_last() const { return waited_last_; }

 private:
  FaultStory& story_;
  std::size_t sent_ = 0;
  std::size_t acknowledged_ = 0;
  Duration waited_last_{0};
};

void step_until_idle(FaultStory& story) {
  while (*story.step() == work::Progress::worked)
    continue;
}

}  // namespace

TEST_CASE("while syncs take long, appends are taken up to the limit and none is lost") {
  for (const Duration span : {Duration{std::chrono::milliseconds{200}}, Duration{10'000'000}}) {
    FaultStory story{options};
    Sender sender{story};
    int syncs = 0;
    story.disk().during_syncs([&] {
      if (++syncs > 20) return;
      story.clock().advance(span);
      const std::size_t acknowledged = sender.acknowledged();
      sender.send_all();
      CHECK(sender.acknowledged() == acknowledged);
      CHECK(sender.sent() - acknowledged == records_max);
      CHECK(story.reader().end({})->number == acknowledged);
    });
    REQUIRE(sender.send());
    step_until_idle(story);
    CHECK(syncs > 20);
    CHECK(sender.acknowledged() == sender.sent());
    // Each sync carried all that there was, up to the limit of a group.
    CHECK(sender.sent() > 19 * 20);
    CHECK(story.read_all()->size() == sender.sent());
    story.disk().during_syncs({});
    story.disk().cut_power(1);
    REQUIRE(story.open());
    CHECK(story.read_all()->size() == sender.sent());
  }
}

TEST_CASE("after a stall an append waits for one sync again, not for what piled up") {
  FaultStory story{options};
  Sender sender{story};
  bool has_stalled = false;
  story.disk().during_syncs([&] {
    story.clock().advance(has_stalled ? Duration{500} : Duration{10'000'000});
    if (!has_stalled) sender.send_all();
    has_stalled = true;
  });
  REQUIRE(sender.send());
  step_until_idle(story);
  CHECK(sender.acknowledged() == sender.sent());
  // Room for the whole limit again, and the disk's own time.
  const std::uint64_t syncs = story.disk().syncs();
  REQUIRE(sender.send());
  CHECK(*story.step() == work::Progress::worked);
  CHECK(sender.acknowledged() == sender.sent());
  CHECK(story.disk().syncs() == syncs + 1);
  CHECK(sender.waited_last() == Duration{500});
}

TEST_CASE("readers and retention do not wait for a sync that stands still") {
  FaultStory story{Options{.segment_bytes_max = 4000}};
  for (int count = 0; count < 30; ++count) {
    story.append(1, 900);
    REQUIRE(story.step());
  }
  bool looked = false;
  story.disk().during_syncs([&] {
    looked = true;
    CHECK(story.reader().end({})->number == 30);
    CHECK(story.read_all()->size() == 30);
  });
  story.append(1, 10);
  REQUIRE(story.step());
  CHECK(looked);
  const std::uint64_t first = story.reader().first({})->number;
  story.disk().during_syncs([&] { REQUIRE(story.writer().trim({}, {20})); });
  story.append(1, 10);
  REQUIRE(story.step());
  CHECK(story.reader().first({})->number > first);
}

TEST_CASE("who appends beside a sync that stands still is refused at once, and goes on after it") {
  FaultStory story{options};
  std::mutex mutex;
  std::condition_variable changed;
  bool standing = false;
  bool may_go = false;
  story.disk().during_syncs([&] {
    std::unique_lock lock{mutex};
    standing = true;
    changed.notify_all();
    changed.wait(lock, [&] { return may_go; });
  });
  REQUIRE(story.writer().append({}, {Bytes(record_bytes, 'x')}, nullptr));
  std::thread syncing{[&] {
    for (int groups = 0; groups < 10; ++groups)
      static_cast<void>(story.step());
  }};
  {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return standing; });
  }
  std::size_t taken = 1;
  auto append = [&] { return story.writer().append({}, {Bytes(record_bytes, 'x')}, nullptr); };
  Result<void> last = append();
  for (; last; last = append())
    ++taken;
  CHECK(last.error().outcome == Outcome::exhausted);
  CHECK(taken == records_max);
  {
    const std::lock_guard lock{mutex};
    may_go = true;
  }
  changed.notify_all();
  syncing.join();
  CHECK(story.reader().end({})->number == taken);
  CHECK(append());
}

}  // namespace cauce::stream::embedded
