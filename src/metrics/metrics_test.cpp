#include "metrics/metrics.h"

#include <doctest/doctest.h>

#include <thread>

#include "metrics/exposition.h"

namespace cauce::metrics {

TEST_CASE("what was counted stands in the text, with help and type once") {
  Metrics metrics;
  const Counter sent = metrics.counter("cauce_sent_total", "Sent.");
  sent.add();
  sent.add(2);
  metrics.gauge("cauce_open", "Open.").set(1.5);
  const auto refused = metrics.counters("cauce_refused_total", "Refused.", {"reason"});
  refused.at({"full"}).add(7);
  refused.at({"full"}).add();
  CHECK(metrics.text() ==
        "# HELP cauce_sent_total Sent.\n# TYPE cauce_sent_total counter\ncauce_sent_total 3\n"
        "# HELP cauce_open Open.\n# TYPE cauce_open gauge\ncauce_open 1.5\n"
        "# HELP cauce_refused_total Refused.\n# TYPE cauce_refused_total counter\n"
        "cauce_refused_total{reason=\"full\"} 8\n");
}

TEST_CASE("a family without samples is described all the same") {
  Metrics metrics;
  metrics.counters("cauce_refused_total", "Refused.", {"reason"});
  CHECK(metrics.text() ==
        "# HELP cauce_refused_total Refused.\n# TYPE cauce_refused_total counter\n");
}

TEST_CASE("a span counts in its bucket and in every larger one, at the bound still inside") {
  Metrics metrics;
  const Histogram spans = metrics.histogram("cauce_span_seconds", "Spans.");
  spans.observe(Histogram::bound(0));
  spans.observe(Histogram::bound(0) + Duration{1}, 2);
  spans.observe(std::chrono::hours{1});
  const std::string text = metrics.text();
  CHECK(text.find("cauce_span_seconds_bucket{le=\"0.00025\"} 1\n") != std::string::npos);
  CHECK(text.find("cauce_span_seconds_bucket{le=\"0.0005\"} 3\n") != std::string::npos);
  CHECK(text.find("cauce_span_seconds_bucket{le=\"8.192\"} 3\n") != std::string::npos);
  CHECK(text.find("cauce_span_seconds_bucket{le=\"+Inf\"} 4\n") != std::string::npos);
  CHECK(text.find("cauce_span_seconds_count 4\n") != std::string::npos);
  CHECK(text.find("cauce_span_seconds_sum 3600.000752\n") != std::string::npos);
}

TEST_CASE("a handle that nobody gave counts nothing") {
  Counter{}.add();
  Gauge{}.set(1);
  Histogram{}.observe(Duration{1});
  Each<Counter>{}.at({"any"}).add();
}

TEST_CASE("threads that count at once lose nothing") {
  Metrics metrics;
  const Counter counter = metrics.counter("cauce_sent_total", "Sent.");
  const auto count = [&counter] {
    for (int number = 0; number < 10'000; ++number)
      counter.add();
  };
  std::thread other(count);
  count();
  other.join();
  CHECK(metrics.text().find("cauce_sent_total 20000\n") != std::string::npos);
}

TEST_CASE("the texts of two processes become one with a label for each") {
  Metrics flow;
  Metrics api;
  for (Metrics* metrics : {&flow, &api}) {
    metrics->counters("cauce_z_total", "Z.", {"a"}).at({"}{ \"x\""}).add();
    metrics->gauge("cauce_b", "B.").set(2);
  }
  api.counter("cauce_only_total", "Only.");
  Metrics whole;
  whole.gauge("cauce_up", "Up.").set(1);
  const std::string text = merge({{"flow", flow.text()}, {"api", api.text()}, {"", whole.text()}});
  CHECK(text ==
        "# HELP cauce_b B.\n# TYPE cauce_b gauge\n"
        "cauce_b{process=\"flow\"} 2\ncauce_b{process=\"api\"} 2\n"
        "# HELP cauce_only_total Only.\n# TYPE cauce_only_total counter\n"
        "cauce_only_total{process=\"api\"} 0\n"
        "# HELP cauce_up Up.\n# TYPE cauce_up gauge\ncauce_up 1\n"
        "# HELP cauce_z_total Z.\n# TYPE cauce_z_total counter\n"
        "cauce_z_total{process=\"flow\",a=\"}{ \\\"x\\\"\"} 1\n"
        "cauce_z_total{process=\"api\",a=\"}{ \\\"x\\\"\"} 1\n");
}

TEST_CASE("lines without a family and torn ones break nothing") {
  CHECK(
      merge({{"flow", "cauce_lost 1\n# nothing\n\n# HELP cauce_a A.\n# TYPE cauce_a gauge\nx"}}) ==
      "# HELP cauce_a A.\n# TYPE cauce_a gauge\nx\n");
  CHECK(merge({}).empty());
}

}  // namespace cauce::metrics
