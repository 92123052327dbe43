#include "ledger/findings.h"

#include <doctest/doctest.h>

namespace cauce::ledger {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

// The sheet of a device, as the reader makes it of what came within the hour or the day.
struct Trial {
  Sheet sheet;
  Time now = noon;
  std::vector<Closed> closed;
  bool has_sequence = true;
  std::uint64_t number = 0;

  Trial() {
    sheet.began_at = noon;
    sheet.clock.advance(now);
  }
  void rest(Duration span) {
    for (const Time end = now + span; now < end;) {
      now = std::min(end, now + seconds{1});
      sheet.clock.advance(now);
    }
  }
  Arrival next() {
    Arrival arrival;
    arrival.readings = 1;
    arrival.measured_at = now;
    if (has_sequence) {
      arrival.sequence = "seq";
      arrival.numbers = {number++};
    }
    return arrival;
  }
  void hears(Arrival arrival) {
    sheet.clock.advance(now);
    arrival.received_at = now;
    sheet.account.enter(arrival, sheet.clock, closed);
  }
  void hears_each(Duration interval, int count) {
    for (int index = 0; index < count; ++index) {
      rest(interval);
      hears(next());
    }
  }
  std::vector<Finding> findings() {
    sheet.hours.clear();
    for (const Closed& over : closed)
      if (over.span == hour_span) sheet.hours.push_back(over.bucket);
    sheet.hours.push_back(sheet.account.hour());
    return findings_of(sheet);
  }
  std::vector<std::string_view> codes() {
    std::vector<std::string_view> found;
    for (const Finding& finding : findings())
      found.push_back(finding.code);
    return found;
  }
};

using Codes = std::vector<std::string_view>;

}  // namespace

TEST_CASE_FIXTURE(Trial, "nothing is said of a device that is well") {
  hears_each(seconds{60}, 40);
  rest(seconds{90});
  CHECK(codes().empty());
}

TEST_CASE_FIXTURE(Trial, "a device that stopped is silent, and what it used to do is said") {
  hears_each(seconds{60}, 40);
  rest(seconds{299});
  CHECK(codes().empty());
  rest(seconds{1});
  CHECK(codes() == Codes{"silent"});
  rest(hours{3} - minutes{5});
  CHECK(findings()[0].text_en == "Silent for 3 h; it used to send every 60 s.");
  CHECK(findings()[0].text_es == "En silencio desde hace 3 h; solía enviar cada 60 s.");
}

TEST_CASE_FIXTURE(Trial, "a device that sends in bursts is silent after twice its longest pause") {
  for (int burst = 0; burst < 6; ++burst) {
    for (int message = 0; message < 8; ++message)
      hears(next());
    rest(minutes{10});
  }
  CHECK(codes().empty());
  rest(minutes{10});
  CHECK(codes() == Codes{"silent"});
  CHECK(findings()[0].text_en == "Silent for 20 min; it used to send every 10 min.");
}

TEST_CASE_FIXTURE(Trial, "a device that was silent and came back was interrupted") {
  hears_each(seconds{60}, 40);
  rest(hours{2});
  hears(next());
  for (const int messages : {1, 32}) {  // that pause is among the last ones, and not any more
    hears_each(seconds{60}, messages);
    CHECK(codes() == Codes{"interrupted"});
    CHECK(findings()[0].text_en ==
          "It was silent for 2 h until 2026-11-21T14:40:00Z; it usually sends every 60 s.");
  }
}

TEST_CASE_FIXTURE(Trial, "a short silence does not hide the long one before it") {
  hears_each(seconds{60}, 40);
  rest(hours{2});
  hears_each(seconds{60}, 3);
  rest(minutes{30});
  hears_each(seconds{60}, 3);
  CHECK(codes() == Codes{"interrupted"});
}

TEST_CASE_FIXTURE(Trial, "a device that sends without pause has the rhythm of its messages") {
  for (int message = 0; message < 40; ++message) {
    now += std::chrono::milliseconds{message % 2 == 0 ? 2 : 4};
    hears(next());
  }
  rest(minutes{2});
  CHECK(codes() == Codes{"silent"});
  CHECK(findings()[0].text_en == "Silent for 2 min; it used to send every 0.002 s.");
}

TEST_CASE_FIXTURE(Trial, "what is missing is counted, and its last gap named") {
  hears_each(seconds{1}, 97);
  number += 3;
  hears_each(seconds{1}, 3);
  CHECK(codes() == Codes{"missing"});
  CHECK(findings()[0].text_en ==
        "3 messages are missing (2.9 %); the last ones are 97 to 99, noticed at "
        "2026-11-21T12:01:38Z.");
  CHECK(findings()[0].text_es ==
        "Faltan 3 mensajes (2.9 %); los últimos son del 97 al 99, advertido el "
        "2026-11-21T12:01:38Z.");
}

TEST_CASE_FIXTURE(Trial, "what came late is not missing") {
  hears_each(seconds{1}, 10);
  const Arrival late = next();
  hears_each(seconds{1}, 10);
  CHECK(codes() == Codes{"missing"});
  hears(late);
  CHECK(codes().empty());
}

TEST_CASE_FIXTURE(Trial, "a restart, a duplicate and what cannot be read are told") {
  hears_each(seconds{1}, 40);
  number = 0;
  hears_each(seconds{1}, 40);
  Arrival again = next();
  again.is_one_of_a_kind = true;
  hears(again);
  hears(again);
  Arrival dead;
  dead.is_dead_letter = true;
  hears(dead);
  CHECK(codes() == Codes{"undecodable", "restarted", "duplicates"});
  CHECK(findings()[0].text_en ==
        "1 of its 83 messages could not be read; the dead letters say why.");
  CHECK(findings()[1].text_en ==
        "Its counter began again at 2026-11-21T12:00:41Z with 0 after 39: the device probably "
        "restarted.");
  number = 0;
  hears_each(seconds{1}, 1);
  CHECK(findings()[1].text_en.starts_with("Its counter began again 2 times, last at 2026-"));
}

TEST_CASE_FIXTURE(Trial, "a clock that goes wrong is told from one that is a little off") {
  for (const auto& [skew, codes_then] :
       std::initializer_list<std::pair<Duration, Codes>>{{seconds{30}, {}},
                                                         {seconds{31}, {"clock_behind"}},
                                                         {-seconds{30}, {}},
                                                         {-seconds{31}, {"clock_ahead"}},
                                                         {-hours{2}, {"clock_ahead"}}}) {
    Trial trial;
    for (int message = 0; message < 40; ++message) {
      trial.rest(seconds{1});
      Arrival arrival = trial.next();
      arrival.measured_at = trial.now - skew;
      trial.hears(arrival);
    }
    CHECK(trial.codes() == codes_then);
  }
}

TEST_CASE_FIXTURE(Trial, "what cannot be known is said, not guessed") {
  CHECK(codes() == Codes{"never_seen"});
  CHECK(findings()[0].text_en ==
        "Nothing has come from it since counting began at 2026-11-21T12:00:00Z.");
  has_sequence = false;
  hears_each(seconds{1}, 3);
  CHECK(codes() == Codes{"gaps_unknown"});
  Trial absent;
  Arrival arrival;
  arrival.readings = 1;
  arrival.sequence = "seq";
  absent.hears(arrival);
  CHECK(absent.codes() == Codes{"number_absent"});
  Trial empty;
  empty.sheet = {};
  CHECK(findings_of(empty.sheet)[0].text_en == "Nothing was counted yet.");
}

TEST_CASE_FIXTURE(Trial, "some messages without their number are told, a single one is not") {
  hears_each(seconds{60}, 198);
  for (int count = 1; count <= 2; ++count) {
    rest(seconds{60});
    Arrival bare = next();
    --number;
    bare.numbers.clear();
    hears(bare);
    CHECK(codes().empty());
    CHECK(sheet.account.without_number() == std::uint64_t(count));
  }
  rest(seconds{60});
  Arrival bare = next();
  --number;
  bare.numbers.clear();
  hears(bare);
  CHECK(codes() == Codes{"number_absent"});
  CHECK(findings()[0].text_en ==
        "3 of its 201 messages have no whole number in the value that should count them, so gaps "
        "between them cannot be seen.");
}

TEST_CASE("spans are short words") {
  CHECK(words_of(Duration{999}) == "< 1 ms");
  CHECK(words_of(Duration{1000}) == "0.001 s");
  CHECK(words_of(std::chrono::milliseconds{250}) == "0.25 s");
  CHECK(words_of(seconds{3}) == "3 s");
  CHECK(words_of(seconds{60}) == "60 s");
  CHECK(words_of(seconds{100}) == "2 min");
  CHECK(words_of(hours{2} + minutes{10}) == "2 h 10 min");
  CHECK(words_of(hours{3}) == "3 h");
  CHECK(words_of(hours{30}) == "30 h");
  CHECK(words_of(hours{24 * 5}) == "5 d");
}

}  // namespace cauce::ledger
