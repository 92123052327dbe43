#include "api/attempts.h"

#include <doctest/doctest.h>

namespace cauce::api {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

}  // namespace

TEST_CASE("after ten failures one attempt a minute is left") {
  Attempts attempts{{}};
  const Duration now = minutes{100};
  for (int failure = 0; failure < 10; ++failure) {
    CHECK(attempts.wait_of("ana", now) == Duration{0});
    attempts.count("ana", now);
  }
  CHECK(attempts.wait_of("ana", now) == minutes{1});
  CHECK(attempts.wait_of("bea", now) == Duration{0});
  CHECK(attempts.wait_of("ana", now + seconds{59}) == seconds{1});
  CHECK(attempts.wait_of("ana", now + minutes{1}) == Duration{0});
  attempts.count("ana", now + minutes{1});
  CHECK(attempts.wait_of("ana", now + minutes{1}) == minutes{1});
  CHECK(attempts.wait_of("ana", now + minutes{20}) == Duration{0});
}

TEST_CASE("success forgives what failed before") {
  Attempts attempts{{}};
  for (int failure = 0; failure < 10; ++failure) {
    attempts.count("ana", Duration{0});
  }
  attempts.forgive("ana");
  CHECK(attempts.wait_of("ana", Duration{0}) == Duration{0});
  CHECK(attempts.size() == 0);
}

TEST_CASE("names are bounded, and who failed most is remembered longest") {
  Attempts attempts{{.attempts_max = 2, .interval = minutes{1}, .names_max = 3}};
  attempts.count("worst", Duration{0});
  attempts.count("worst", Duration{0});
  for (const char* name : {"a", "b", "c", "d"}) {
    attempts.count(name, Duration{0});
    CHECK(attempts.size() <= 3);
  }
  CHECK(attempts.wait_of("worst", Duration{0}) == minutes{1});
}

}  // namespace cauce::api
