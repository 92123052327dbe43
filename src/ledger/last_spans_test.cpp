#include "ledger/last_spans.h"

#include <doctest/doctest.h>

namespace cauce::ledger {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("the median does not mind an outlier") {
  LastSpans spans;
  CHECK_FALSE(spans.median());
  CHECK_FALSE(spans.largest());
  for (const int count : {60, 61, 59, 60, 86'400})
    spans.add(seconds{count});
  CHECK(spans.median() == seconds{60});
  CHECK(spans.largest() == seconds{86'400});
  spans.add(-seconds{5});
  CHECK(spans.median() == seconds{60});
}

TEST_CASE("the largest is known without one of them") {
  LastSpans spans;
  CHECK_FALSE(spans.largest_but(seconds{60}));
  spans.add(seconds{60});
  CHECK_FALSE(spans.largest_but(seconds{60}));
  CHECK(spans.largest_but(seconds{61}) == seconds{60});
  for (const int count : {7'200, 7'200, 61})
    spans.add(seconds{count});
  CHECK(spans.largest_but(seconds{7'200}) == seconds{7'200});
  CHECK(spans.largest_but(seconds{61}) == seconds{7'200});
  CHECK(spans.count() == 4);
}

TEST_CASE("what was long ago is forgotten") {
  LastSpans spans;
  for (std::size_t count = 0; count < LastSpans::count_max; ++count)
    spans.add(hours{1});
  CHECK(spans.count() == LastSpans::count_max);
  for (std::size_t count = 0; count < LastSpans::count_max - 1; ++count)
    spans.add(milliseconds{250});
  CHECK(spans.largest() == hours{1});
  spans.add(milliseconds{250});
  CHECK(spans.count() == LastSpans::count_max);
  CHECK(spans.largest() == milliseconds{250});
}

TEST_CASE("spans are read back, and damaged ones are not") {
  LastSpans spans;
  for (int count = 0; count < 40; ++count) {
    Bytes bytes;
    spans.put(bytes);
    ByteReader reader{bytes};
    LastSpans same;
    REQUIRE(same.take(reader));
    REQUIRE(reader.complete());
    REQUIRE(same == spans);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      ByteReader cut{BytesView{bytes}.substr(0, length)};
      LastSpans other;
      REQUIRE_FALSE(other.take(cut));
    }
    spans.add(seconds{count} - time_max.time_since_epoch() / (1 + count));
  }
  Bytes many(2, '\0');
  many[0] = char(LastSpans::count_max + 1);
  many.resize(1000);
  ByteReader reader{many};
  CHECK_FALSE(spans.take(reader));
}

}  // namespace cauce::ledger
