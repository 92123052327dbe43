#include "gateway/close_log.h"

#include <doctest/doctest.h>

#include <vector>

namespace cauce::gateway {
namespace {

struct Fixture {
  VirtualClock clock{from_microseconds(0)};
  std::vector<std::string> lines;
  CloseLog log{
      clock, [this](Ending, std::string_view line, CloseLog::Whose) { lines.emplace_back(line); }};
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a flood of one kind writes a bounded number of lines, and is counted") {
  for (int count = 0; count < 100'000; ++count)
    log.add(Ending::refused, "refused");
  CHECK(lines.size() == CloseLog::lines_max);
  log.add(Ending::violation, "another kind");
  CHECK(lines.back() == "another kind");
  log.look_around();
  CHECK(lines.size() == CloseLog::lines_max + 1);
  clock.advance(CloseLog::span);
  log.look_around();
  CHECK(lines.back() == "99990 more clients were not admitted in 10 s");
  log.look_around();
  CHECK(lines.size() == CloseLog::lines_max + 2);
  log.add(Ending::refused, "refused again");
  CHECK(lines.back() == "refused again");
}

TEST_CASE_FIXTURE(Fixture, "what a client sent cannot forge a line") {
  log.add(Ending::violation, "topic \"a\n2026 forged\x1b[2J\"");
  CHECK(lines.back() == "topic \"a?2026 forged?[2J\"");
}

}  // namespace cauce::gateway
