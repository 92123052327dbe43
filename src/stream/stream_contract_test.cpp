#include "stream/stream_contract.h"

namespace cauce::stream {
namespace {

using Records = std::vector<Bytes>;
using Story = ContractStory;

void keeps_order_and_positions(Story& story) {
  REQUIRE(story.append({"a", "b"}));
  REQUIRE(story.append({""}));
  REQUIRE(story.append({"other"}, {1}));
  story.step_until_idle();
  REQUIRE(story.append({"c"}));
  story.step_until_idle();
  CHECK(story.read_all() == Records{"a", "b", "", "c"});
  CHECK(story.read_all({2}) == Records{"", "c"});
  CHECK(story.read_all({}, 1 << 20, {1}) == Records{"other"});
  CHECK(story.reader().first({})->number == 0);
  CHECK(story.reader().end({})->number == 4);
  CHECK(story.acknowledged() == std::vector<std::vector<std::int64_t>>{{0}, {2}, {0}, {3}});
  story.reopen();
  CHECK(story.read_all() == Records{"a", "b", "", "c"});
  REQUIRE(story.append({"d"}));
  story.step_until_idle();
  CHECK(story.acknowledged().back() == std::vector<std::int64_t>{4});
  CHECK(story.read_all() == Records{"a", "b", "", "c", "d"});
}

void acknowledges_once_in_order_after_the_step(Story& story) {
  for (int number = 0; number < 100; ++number)
    REQUIRE(story.append({"x", "y"}));
  CHECK(story.order().empty());
  CHECK(story.reader().end({})->number == 0);
  CHECK(story.reader().read({}, {}, 100)->records.empty());
  story.step_until_idle();
  REQUIRE(story.order().size() == 100);
  for (std::size_t number = 0; number < 100; ++number) {
    CHECK(story.order()[number] == number);
    CHECK(story.acknowledged()[number] == std::vector<std::int64_t>{std::int64_t(number) * 2});
  }
  CHECK(story.reader().end({})->number == 200);
}

void acknowledges_with_an_error_what_never_became_durable(Story& story) {
  REQUIRE(story.append({"kept"}));
  story.step_until_idle();
  REQUIRE(story.append({"lost"}));
  story.reopen();
  CHECK(story.acknowledged() == std::vector<std::vector<std::int64_t>>{{0}, {-1}});
  CHECK(story.read_all() == Records{"kept"});
}

void refuses_what_is_over_a_limit(Story& story) {
  CHECK(story.append({}).error().outcome == Outcome::invalid);
  CHECK(story.append({"x"}, {2}).error().outcome == Outcome::invalid);
  CHECK(story.append({Bytes(record_bytes_max + 1, 'x')}).error().outcome == Outcome::invalid);
  CHECK(story.append({"x", Bytes(contract_bytes_in_flight_max, 'x')}).error().outcome ==
        Outcome::invalid);
  REQUIRE(story.append({Bytes(record_bytes_max, 'x')}));
  story.step_until_idle();
  CHECK(story.read_all() == Records{Bytes(record_bytes_max, 'x')});
  CHECK(story.acknowledged().size() == 1);
}

void is_exhausted_at_the_limit_until_an_acknowledge_ran(Story& story) {
  constexpr std::size_t count = 4;
  constexpr std::size_t bytes = contract_bytes_in_flight_max / count - record_overhead_bytes;
  for (std::size_t number = 0; number < count; ++number) {
    REQUIRE(story.append({Bytes(bytes, 'x')}));
  }
  CHECK(story.append({""}).error().outcome == Outcome::exhausted);
  CHECK(story.acknowledged().size() == count);
  story.step_until_idle();
  CHECK(story.order().size() == count);
  CHECK(story.append({""}));
}

void reads_at_most_the_bytes_asked_for_but_at_least_one_record(Story& story) {
  REQUIRE(story.append({Bytes(10, 'a'), Bytes(10, 'b'), Bytes(10, 'c')}));
  REQUIRE(story.append({Bytes(10, 'd')}));
  story.step_until_idle();
  CHECK(story.reader().read({}, {}, 0)->records.size() == 1);
  CHECK(story.reader().read({}, {}, 19)->records.size() == 1);
  CHECK(story.reader().read({}, {}, 20)->records.size() == 2);
  CHECK(story.reader().read({}, {1}, 20)->records == Records{Bytes(10, 'b'), Bytes(10, 'c')});
  CHECK(story.reader().read({}, {}, 40)->records.size() == 4);
  CHECK(story.reader().read({}, {4}, 40)->records.empty());
  CHECK(story.read_all({}, 1).size() == 4);
}

void derives_each_source_range_once(Story& story) {
  const Partition source{7};
  CHECK(story.writer().derived_end({}, source).number == 0);
  REQUIRE(story.derive({"a", "b"}, 0, 10, source));
  CHECK(story.writer().derived_end({}, source).number == 10);
  CHECK(story.writer().derived_end_durable({}, source).number == 0);
  CHECK(story.reader().derived_end({}, source)->number == 0);
  CHECK(story.derive({"a"}, 0, 10, source).error().outcome == Outcome::conflict);
  CHECK(story.derive({"a"}, 9, 11, source).error().outcome == Outcome::conflict);
  CHECK(story.derive({"a"}, 11, 12, source).error().outcome == Outcome::conflict);
  CHECK(story.derive({"a"}, 10, 9, source).error().outcome == Outcome::invalid);
  REQUIRE(story.derive({}, 10, 20, source));
  REQUIRE(story.derive({"other"}, 0, 5, {8}));
  story.step_until_idle();
  CHECK(story.read_all() == Records{"a", "b", "other"});
  CHECK(story.reader().derived_end({}, source)->number == 20);
  CHECK(story.writer().derived_end_durable({}, source).number == 20);
  REQUIRE(story.derive({}, 20, 30, source));
  story.step_until_idle();
  CHECK(story.reader().derived_end({}, source)->number == 30);
  CHECK(story.reader().end({})->number == 3);
  story.reopen();
  CHECK(story.writer().derived_end({}, source).number == 30);
  CHECK(story.writer().derived_end_durable({}, source).number == 30);
  CHECK(story.reader().derived_end({}, source)->number == 30);
  CHECK(story.reader().derived_end({}, {8})->number == 5);
  CHECK(story.reader().derived_end({1}, source)->number == 0);
  CHECK(story.derive({"c"}, 20, 30, source).error().outcome == Outcome::conflict);
  REQUIRE(story.derive({"c"}, 30, 31, source));
  story.step_until_idle();
  CHECK(story.read_all() == Records{"a", "b", "other", "c"});
}

void forgets_derived_ranges_that_never_became_durable(Story& story) {
  REQUIRE(story.derive({"a"}, 0, 10));
  story.step_until_idle();
  REQUIRE(story.derive({"b"}, 10, 20));
  story.reopen();
  CHECK(story.writer().derived_end({}, {}).number == 10);
  REQUIRE(story.derive({"b"}, 10, 20));
  story.step_until_idle();
  CHECK(story.read_all() == Records{"a", "b"});
}

void remembers_every_source_however_long_ago(Story& story) {
  REQUIRE(story.derive({"once"}, 0, 77, {3}));
  for (std::uint64_t number = 0; number < 50; ++number) {
    REQUIRE(story.derive({Bytes(500, 'x')}, number, number + 1, {4}));
    story.step_until_idle();
  }
  REQUIRE(story.writer().trim({}, {40}));
  CHECK(story.reader().derived_end({}, {3})->number == 77);
  story.reopen();
  CHECK(story.writer().derived_end({}, {3}).number == 77);
  CHECK(story.writer().derived_end({}, {4}).number == 50);
  CHECK(story.reader().derived_end({}, {3})->number == 77);
  CHECK(story.reader().derived_end({}, {4})->number == 50);
}

void keeps_the_cursors_of_groups(Story& story) {
  CHECK(story.cursors().groups()->empty());
  // A group reads what there is: a cursor beyond it is how an engine may know that its end is lost.
  REQUIRE(story.append(std::vector<Bytes>(50, "a")));
  REQUIRE(story.writer().append({1}, std::vector<Bytes>(7, "a"), nullptr));
  story.step_until_idle();
  CHECK(*story.cursors().committed("lake", {}) == std::nullopt);
  for (std::uint64_t number = 1; number <= 5; ++number) {
    REQUIRE(story.cursors().commit("lake", {}, {number * 10}));
    CHECK((*story.cursors().committed("lake", {}))->number == number * 10);
  }
  REQUIRE(story.cursors().commit("lake", {1}, {7}));
  REQUIRE(story.cursors().commit("alarms", {}, {3}));
  REQUIRE(story.cursors().commit("alarms", {}, {2}));
  CHECK(story.cursors().commit("../lake", {}, {}).error().outcome == Outcome::invalid);
  CHECK(story.cursors().committed("", {}).error().outcome == Outcome::invalid);
  story.reopen();
  CHECK((*story.cursors().committed("lake", {}))->number == 50);
  CHECK((*story.cursors().committed("lake", {1}))->number == 7);
  CHECK((*story.cursors().committed("alarms", {}))->number == 2);
  CHECK(*story.cursors().committed("alarms", {1}) == std::nullopt);
  CHECK(*story.cursors().groups() == std::vector<std::string>{"alarms", "lake"});
}

void finds_positions_by_time(Story& story) {
  const Time start = story.clock().now();
  CHECK(story.reader().position_at({}, start)->number == 0);
  for (int number = 0; number < 40; ++number) {
    REQUIRE(story.append({Bytes(150, 'a'), Bytes(150, 'b')}));
    story.step_until_idle();
    story.clock().advance(Duration{10});
  }
  CHECK(story.reader().position_at({}, time_min)->number == 0);
  for (int number = 0; number < 40; ++number) {
    CAPTURE(number);
    const Time then = start + Duration{number * 10};
    CHECK(story.reader().position_at({}, then)->number == std::uint64_t(number) * 2);
    CHECK(story.reader().position_at({}, then - Duration{1})->number == std::uint64_t(number) * 2);
  }
  CHECK(story.reader().position_at({}, start + Duration{391})->number == 80);
  CHECK(story.reader().read({}, {79}, 1)->appended_at.front() == start + Duration{390});
}

void never_lets_time_run_backwards(Story& story) {
  const Time start = story.clock().now();
  REQUIRE(story.append({"a"}));
  story.step_until_idle();
  story.clock().set_wall(start - std::chrono::hours{1});
  REQUIRE(story.append({"b"}));
  story.step_until_idle();
  story.reopen();
  REQUIRE(story.append({"c"}));
  story.step_until_idle();
  story.clock().set_wall(start + Duration{5});
  REQUIRE(story.append({"d"}));
  story.step_until_idle();
  CHECK(story.reader().read({}, {}, 100)->appended_at ==
        std::vector<Time>{start, start, start, start + Duration{5}});
}

void trims_what_is_before_and_never_the_last_record(Story& story) {
  for (int number = 0; number < 100; ++number) {
    REQUIRE(story.append({Bytes(300, char('a' + number % 26))}));
    story.step_until_idle();
  }
  REQUIRE(story.writer().trim({}, {0}));
  CHECK(story.reader().first({})->number == 0);
  CHECK(story.reader().read({}, {}, 1)->records.size() == 1);
  REQUIRE(story.writer().trim({}, {50}));
  const Position first = *story.reader().first({});
  CHECK(first.number > 0);
  CHECK(first.number <= 50);
  CHECK(story.reader().read({}, {first.number - 1}, 1).error().outcome == Outcome::not_found);
  CHECK(story.reader().read({}, {0}, 1).error().outcome == Outcome::not_found);
  CHECK(story.read_all(first).size() == 100 - first.number);
  CHECK(story.reader().position_at({}, time_min)->number == first.number);
  REQUIRE(story.writer().trim({}, {1000}));
  const Position last = *story.reader().first({});
  CHECK(last.number > first.number);
  CHECK(last.number < 100);
  story.reopen();
  CHECK(story.reader().first({})->number == last.number);
  CHECK(story.read_all(last).size() == 100 - last.number);
}

void admits_one_writer(Story& story) {
  CHECK(story.topic().open_writer().error().outcome == Outcome::conflict);
}

void wakes_who_waits(Story& story) {
  constexpr Duration long_span = std::chrono::seconds{30};
  // Returns at once: the end is past what is known, or the span is nothing.
  REQUIRE(story.append({"a"}));
  story.step_until_idle();
  story.reader().wait({}, {0}, long_span);
  story.reader().wait({}, {1}, Duration{0});
  // A wake before the wait counts.
  story.reader().wake();
  story.reader().wait({}, {1}, long_span);

  auto reader = *story.topic().open_reader();
  std::thread waiter{[&] {
    while (reader->end({})->number < 2)
      reader->wait({}, {1}, long_span);
  }};
  REQUIRE(story.append({"b"}));
  story.step_until_idle();
  waiter.join();

  std::thread sleeper{[&] { reader->wait({}, {2}, long_span); }};
  reader->wake();
  sleeper.join();
}

}  // namespace

void check_contract(const MakeFixture& make) {
  struct Promise {
    const char* sentence;
    void (*check)(Story&);
  };
  const Promise promises[] = {
      {"keeps order and positions", keeps_order_and_positions},
      {"acknowledges once, in order, after the step", acknowledges_once_in_order_after_the_step},
      {"acknowledges with an error what never became durable",
       acknowledges_with_an_error_what_never_became_durable},
      {"refuses what is over a limit", refuses_what_is_over_a_limit},
      {"is exhausted at the limit until an acknowledge ran",
       is_exhausted_at_the_limit_until_an_acknowledge_ran},
      {"reads at most the bytes asked for but at least one record",
       reads_at_most_the_bytes_asked_for_but_at_least_one_record},
      {"derives each source range once", derives_each_source_range_once},
      {"forgets derived ranges that never became durable",
       forgets_derived_ranges_that_never_became_durable},
      {"remembers every source however long ago", remembers_every_source_however_long_ago},
      {"keeps the cursors of groups", keeps_the_cursors_of_groups},
      {"finds positions by time", finds_positions_by_time},
      {"never lets time run backwards", never_lets_time_run_backwards},
      {"trims what is before and never the last record",
       trims_what_is_before_and_never_the_last_record},
      {"admits one writer", admits_one_writer},
      {"wakes who waits", wakes_who_waits},
  };
  for (const Promise& promise : promises) {
    CAPTURE(promise.sentence);
    Story story{make};
    promise.check(story);
  }
}

}  // namespace cauce::stream
