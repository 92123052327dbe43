#include "alarms/detectors/scored_csv.h"

#include <doctest/doctest.h>
#include <fmt/core.h>

namespace cauce::alarms::detectors {
namespace {

// The whole answer, or the sentence of the error.
std::string scored(std::string_view text, std::size_t piece_bytes = 1 << 20,
                   ScoredCsv::Limits limits = {}) {
  ScoredCsv csv{limits};
  Bytes target;
  for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
    if (auto taken = csv.take(text.substr(0, piece_bytes), target); !taken) {
      return taken.error().message;
    }
  }
  if (auto done = csv.finish(target); !done) return done.error().message;
  return target;
}

std::string series(int rows, std::string_view last) {
  std::string text = "timestamp,value\n";
  for (int row = 0; row < rows; ++row)
    text += fmt::format("2026-11-21 {:02}:{:02}:{:02},{}.5\n", row / 3600, row / 60 % 60, row % 60,
                        20 + row % 7);
  return text + std::string(last);
}

}  // namespace

TEST_CASE("each row comes out as it came in, with a score") {
  CHECK(scored("timestamp,value\n2026-11-21 10:00:00,1.50\n2026-11-21T10:00:05Z,1e3\n") ==
        "timestamp,value,anomaly_score\n2026-11-21 10:00:00,1.50,0\n2026-11-21T10:00:05Z,1e3,0\n");
}

TEST_CASE("what is unusual gets the score of the detector") {
  RecordNovelty detector;
  for (int row = 0; row < 500; ++row)
    detector.judge(*parse_time(fmt::format("2026-11-21T00:{:02}:{:02}Z", row / 60, row % 60)),
                   20.5 + row % 7);
  const double score = detector.judge(*parse_time("2026-11-21T01:00:00Z"), 90).score;
  CHECK(score > 0.5);
  CHECK(scored(series(500, "2026-11-21 01:00:00,90\n"))
            .ends_with(fmt::format("\n2026-11-21 01:00:00,90,{:.6g}\n", score)));
}

TEST_CASE("pieces of any size give the same answer") {
  const std::string text = series(300, "2026-11-21 01:00:00,90");
  const std::string whole = scored(text);
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{2}, std::size_t{7}, std::size_t{64}})
    CHECK(scored(text, bytes) == whole);
}

TEST_CASE("columns in another order, further ones, quotes, CRLF and a byte order mark are read") {
  CHECK(scored(
            "\xEF\xBB\xBFname,\"value\",timestamp\r\n\"a, \"\"b\"\"\",1,2026-11-21 10:00:00\r\n") ==
        "timestamp,value,anomaly_score\n2026-11-21 10:00:00,1,0\n");
  CHECK(scored("Timestamp, Value\n2026-11-21 10:00:00 , 1\n\n") ==
        "timestamp,value,anomaly_score\n2026-11-21 10:00:00,1,0\n");
}

TEST_CASE("a missing value is a row with score 0, and the detector never sees it") {
  const std::string with = scored(series(300,
                                         "2026-11-21 00:59:00,\n2026-11-21 00:59:01,NaN\n"
                                         "2026-11-21 01:00:00,90\n"));
  const std::string without = scored(series(300, "2026-11-21 01:00:00,90\n"));
  CHECK(with.find("00:59:00,,0\n") != with.npos);
  CHECK(with.find("00:59:01,NaN,0\n") != with.npos);
  CHECK(with.substr(with.rfind("\n2026")) == without.substr(without.rfind("\n2026")));
}

TEST_CASE("times with an offset are compared as moments") {
  // The second row is an hour before the first: late, so its value says nothing.
  const std::string text = series(300, "2026-11-21T01:00:00+01:00,90\n");
  CHECK(scored(text).ends_with("+01:00,90,0\n"));
}

TEST_CASE("errors name line, column and value") {
  const std::string head = "timestamp,value\n2026-11-21 10:00:00,1\n";
  CHECK(scored(head + "2026-11-21 10:00:05,abc\n") ==
        "line 3, column value: \"abc\" is not a number; write 21.5, or leave it empty where "
        "nothing was measured");
  CHECK(scored(head + "yesterday,1\n")
            .starts_with("line 3, column timestamp: \"yesterday\" is not "
                         "a time; write 2026-11-21T23:48:40Z"));
  CHECK(scored(head + "2026-11-21 10:00:05\n") ==
        "line 3 has 1 columns, the header has at least 2");
  CHECK(scored(head + "2026-11-21 10:00:05,\"1\n").starts_with("line 3: a quote is opened"));
  CHECK(scored(head + "2026-11-21 10:00:05,\"1\"2\n") ==
        "line 3, column 2: text follows a closing quote");
  CHECK(scored("time,value\n") ==
        "line 1: the header has no column timestamp; write timestamp,value (found \"time\" first)");
  CHECK(scored("timestamp,x\n").starts_with("line 1: the header has no column value"));
  CHECK(scored("") == "the input is empty; its first line must be: timestamp,value");
  CHECK(scored(head + "\x1b[31m,1\n").find('\x1b') == std::string::npos);
  for (const std::string_view number : {"1,5", "0x10", "inf", "1e999", "1 2", "--1"}) {
    CAPTURE(number);
    CHECK(scored(head + "2026-11-21 10:00:05,\"" + std::string(number) + "\"\n")
              .find("is not a number") != std::string::npos);
  }
}

TEST_CASE("a line of line_bytes_max is read, one byte more is refused") {
  ScoredCsv::Limits limits;
  limits.line_bytes_max = 100;
  std::string row = "2026-11-21 10:00:00,1,";
  row += std::string(100 - row.size(), 'x');
  for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
    CHECK(scored("timestamp,value,note\n" + row + "\n", piece, limits).ends_with(",1,0\n"));
    CHECK(scored("timestamp,value,note\n" + row + "x\n", piece, limits) ==
          "line 2 has more than 100 bytes, which is the limit; is this a CSV?");
    CHECK(scored("timestamp,value,note\n" + row + "x", piece, limits) ==
          "line 2 has more than 100 bytes, which is the limit; is this a CSV?");
  }
}

TEST_CASE("columns_max columns are read, one more is refused") {
  ScoredCsv::Limits limits;
  limits.columns_max = 3;
  CHECK(scored("timestamp,value,a\n2026-11-21 10:00:00,1,2\n", 1000, limits).ends_with(",1,0\n"));
  CHECK(scored("timestamp,value,a,b\n", 1000, limits) ==
        "line 1 has more than 3 columns, which is the limit");
}

}  // namespace cauce::alarms::detectors
