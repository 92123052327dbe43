#include "decode/formats/senml.h"

#include <doctest/doctest.h>

#include "record/reason.h"

namespace cauce::decode {
namespace {

constexpr Time now = from_microseconds(1'795'304'920'000'000);

Time at(double seconds) {
  return from_microseconds(std::int64_t(seconds * 1e6 + 0.5));
}

std::vector<Measurement> read(std::string_view pack, std::string_view device = "mote-1") {
  SenmlParser parser;
  auto measurements = parser.parse(pack, device, now);
  if (!measurements) FAIL(measurements.error().message);
  return *std::move(measurements);
}

std::string refusal(std::string_view pack, SenmlLimits limits = {}) {
  SenmlParser parser(limits);
  const auto measurements = parser.parse(pack, "mote-1", now);
  REQUIRE_FALSE(measurements);
  CHECK(measurements.error().outcome == Outcome::invalid);
  CHECK(record::reason_in_spanish(measurements.error().message));
  return measurements.error().message;
}

using All = std::vector<Measurement>;
using namespace std::string_literals;

}  // namespace

// RFC 8428 section 5.1.1.
TEST_CASE("RFC 8428: a single data point is taken at the time of arrival") {
  const auto pack = R"([{"n":"urn:dev:ow:10e2073a01080063","u":"Cel","v":23.1}])";
  CHECK(read(pack) == All{{"urn/dev/ow/10e2073a01080063", now, 23.1, "Cel"}});
  // What the name says beyond the device is nothing, so the name stays.
  CHECK(read(pack, "10e2073a01080063")[0].metric == "urn/dev/ow/10e2073a01080063");
}

// Section 5.1.2.
TEST_CASE("RFC 8428: the base name stands before each name") {
  const auto pack = R"([
    {"bn":"urn:dev:ow:10e2073a01080063:","n":"voltage","u":"V","v":120.1},
    {"n":"current","u":"A","v":1.2}])";
  CHECK(read(pack) == All{{"urn/dev/ow/10e2073a01080063/voltage", now, 120.1, "V"},
                          {"urn/dev/ow/10e2073a01080063/current", now, 1.2, "A"}});
  CHECK(read(pack, "10e2073a01080063") ==
        All{{"voltage", now, 120.1, "V"}, {"current", now, 1.2, "A"}});
}

TEST_CASE("RFC 8428: times are added to the base time") {
  const auto pack = R"([
    {"bn":"urn:dev:ow:10e2073a0108006:","bt":1.276020076001e+09,"bu":"A","bver":5,
     "n":"voltage","u":"V","v":120.1},
    {"n":"current","t":-5,"v":1.2},
    {"n":"current","t":-4,"v":1.3},
    {"n":"current","t":-3,"v":1.4},
    {"n":"current","t":-2,"v":1.5},
    {"n":"current","t":-1,"v":1.6},
    {"n":"current","v":1.7}])";
  CHECK(read(pack, "10e2073a0108006") == All{{"voltage", at(1276020076.001), 120.1, "V"},
                                             {"current", at(1276020071.001), 1.2, "A"},
                                             {"current", at(1276020072.001), 1.3, "A"},
                                             {"current", at(1276020073.001), 1.4, "A"},
                                             {"current", at(1276020074.001), 1.5, "A"},
                                             {"current", at(1276020075.001), 1.6, "A"},
                                             {"current", at(1276020076.001), 1.7, "A"}});
}

// Section 5.1.3: the whole of what the text shows of it.
TEST_CASE("RFC 8428: records without a name are of the base name") {
  const auto pack = R"([
    {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":21.2},
    {"t":10,"v":21.3},
    {"t":20,"v":21.4},
    {"t":91,"v":21.5}])";
  const std::string metric = "urn/dev/ow/10e2073a01080063";
  CHECK(read(pack) == All{{metric, at(1320067464), 21.2, "%RH"},
                          {metric, at(1320067474), 21.3, "%RH"},
                          {metric, at(1320067484), 21.4, "%RH"},
                          {metric, at(1320067555), 21.5, "%RH"}});
}

// Also section 5.1.3: humidity, longitude and latitude under one name would be one series.
TEST_CASE("RFC 8428: quantities that share a name are refused, not mixed") {
  const auto pack = R"([
    {"bn":"urn:dev:ow:10e2073a01080063","bt":1.320067464e+09,"bu":"%RH","v":20},
    {"u":"lon","v":24.30621},
    {"u":"lat","v":60.07965},
    {"t":60,"v":20.3}])";
  CHECK(refusal(pack) ==
        "record 2: \"urn/dev/ow/10e2073a01080063\" is in \"lon\" here and in \"%RH\" before; give "
        "each its own name");
}

// Section 5.1.4: the resolved form of the same says the same.
TEST_CASE("RFC 8428: resolved records give what the pack gave") {
  const auto resolved = R"([
    {"n":"urn:dev:ow:10e2073a0108006:voltage","u":"V","t":1.276020076001e+09,"v":120.1},
    {"n":"urn:dev:ow:10e2073a0108006:current","u":"A","t":1.276020071001e+09,"v":1.2}])";
  CHECK(read(resolved, "10e2073a0108006") == All{{"voltage", at(1276020076.001), 120.1, "V"},
                                                 {"current", at(1276020071.001), 1.2, "A"}});
}

// Section 5.1.5.
TEST_CASE("RFC 8428: texts, truth values and data are values too") {
  const auto pack = R"([
    {"bn":"urn:dev:ow:10e2073a01080063:","n":"temp","u":"Cel","v":23.1},
    {"n":"label","vs":"Machine Room"},
    {"n":"open","vb":false},
    {"n":"nfv-reader","vd":"aGkgCg"}])";
  CHECK(read(pack, "10e2073a01080063") == All{{"temp", now, 23.1, "Cel"},
                                              {"label", now, "Machine Room"s},
                                              {"open", now, false},
                                              {"nfv-reader", now, "aGkgCg"s}});
}

// Section 5.1.6.
TEST_CASE("RFC 8428: a base name holds until the next one") {
  const auto pack = R"([
    {"bn":"2001:db8::2/","bt":1.320078429e+09,"n":"temperature","u":"Cel","v":25.2},
    {"n":"humidity","u":"%RH","v":30},
    {"bn":"2001:db8::1/","n":"temperature","u":"Cel","v":12.3},
    {"n":"humidity","u":"%RH","v":67}])";
  const Time time = at(1320078429);
  CHECK(read(pack) == All{{"2001/db8//2/temperature", time, 25.2, "Cel"},
                          {"2001/db8//2/humidity", time, 30.0, "%RH"},
                          {"2001/db8//1/temperature", time, 12.3, "Cel"},
                          {"2001/db8//1/humidity", time, 67.0, "%RH"}});
}

// Section 5.1.7.
TEST_CASE("RFC 8428: what is written to an actuator reads like a measurement") {
  const auto thermostat = R"([
    {"bn":"urn:dev:ow:10e2073a01080063:"},
    {"n":"temp","u":"Cel","v":23.1},
    {"n":"heat","u":"/","v":1},
    {"n":"fan","u":"/","v":0}])";
  CHECK(read(thermostat, "10e2073a01080063") ==
        All{{"temp", now, 23.1, "Cel"}, {"heat", now, 1.0, "/"}, {"fan", now, 0.0, "/"}});
  const auto lights = R"([
    {"bt":1.320078429e+09,"bu":"/","n":"2001:db8::3","v":0.5},
    {"n":"2001:db8::4","v":0.5},
    {"n":"2001:db8::3","t":0.1,"v":0},
    {"n":"2001:db8::4","t":0.1,"v":0}])";
  CHECK(read(lights) == All{{"2001/db8//3", at(1320078429), 0.5, "/"},
                            {"2001/db8//4", at(1320078429), 0.5, "/"},
                            {"2001/db8//3", at(1320078429.1), 0.0, "/"},
                            {"2001/db8//4", at(1320078429.1), 0.0, "/"}});
}

TEST_CASE("the device's own name in front of a name falls away when something follows") {
  const auto metric = [](std::string_view name) { return metric_of_senml_name(name, "mote-1"); };
  for (const char* name :
       {"mote-1:t", "mote-1/t", "mote-1.t", "urn:dev:mac:mote-1:t", "urn:dev:org:mote-1/t", "t"}) {
    CAPTURE(name);
    CHECK(metric(name) == "t");
  }
  CHECK(metric("mote-1:a:b") == "a/b");
  for (const char* kept : {"mote-1", "mote-1_t", "mote-11.t", "mote-2.t", "x.mote-1.t"}) {
    CHECK(metric(kept) == kept);
  }
  CHECK(metric("mote-1:") == "mote-1/");
  CHECK(metric("urn:mote-1:t") == "urn/mote-1/t");
  CHECK(metric("urn:dev:mac") == "urn/dev/mac");
  CHECK(metric_of_senml_name(":t", "") == "/t");
}

TEST_CASE("times below 2^28 count from the arrival, in both directions") {
  const auto time = [](const std::string& fields) {
    return read("[{\"n\":\"t\",\"v\":1," + fields + "}]")[0].time;
  };
  using std::chrono::seconds;
  CHECK(time("\"t\":0") == now);
  CHECK(time("\"t\":-2.5") == now - std::chrono::milliseconds{2500});
  CHECK(time("\"bt\":-10,\"t\":3") == now - seconds{7});
  CHECK(time("\"t\":268435455") == now + seconds{268435455});
  CHECK(time("\"t\":268435456") == at(268435456));
  CHECK(time("\"bt\":268435455,\"t\":1") == at(268435456));
  CHECK(time("\"t\":4102444799") == at(4102444799));
  for (const char* beyond : {"4102444800", "1e300", "-1e300", "-1795304921"}) {
    CHECK(refusal("[{\"n\":\"t\",\"v\":1,\"t\":" + std::string(beyond) + "}]")
              .find("is not one from 1970 to 2099") != std::string::npos);
  }
}

TEST_CASE("base values and base sums are added, and stand for what is missing") {
  CHECK(read(R"([{"n":"a","bv":20,"v":1.5},{"n":"b"},{"bv":-1,"n":"c","v":1}])") ==
        All{{"a", now, 21.5}, {"b", now, 20.0}, {"c", now, 0.0}});
  CHECK(read(R"([{"n":"power","u":"W","v":5,"s":100}])") ==
        All{{"power", now, 5.0, "W"}, {"power/sum", now, 100.0, "W.s"}});
  CHECK(read(R"([{"n":"power","s":100}])") == All{{"power/sum", now, 100.0}});
  CHECK(read(R"([{"bs":1000,"n":"power","v":1,"s":1},{"n":"power","v":2},{"n":"x","vs":"a"}])") ==
        All{{"power", now, 1.0},
            {"power/sum", now, 1001.0},
            {"power", now, 2.0},
            {"power/sum", now, 1000.0},
            {"x", now, "a"s}});
}

TEST_CASE("fields that are not known are passed over unless they end in an underscore") {
  CHECK(read(R"([{"n":"a","v":1,"l":[{"x":"y"}],"bx":2,"ut":60}])") == All{{"a", now, 1.0}});
  CHECK(refusal(R"([{"n":"a","v":1},{"n":"a","v":1,"must_":1}])") ==
        "record 2: the field \"must_\" has to be understood (it ends in \"_\") and is not known "
        "here");
}

TEST_CASE("a version up to 10 is read, and one only") {
  CHECK(read(R"([{"bver":10,"n":"a","v":1},{"bver":10,"n":"b","v":1}])").size() == 2);
  CHECK(refusal(R"([{"bver":11,"n":"a","v":1}])") ==
        "record 1, field \"bver\": version 11 is not known here; up to 10 is");
  for (const char* wrong : {"0", "-1", "1.5", "\"5\""}) {
    CHECK(refusal("[{\"bver\":" + std::string(wrong) + ",\"n\":\"a\",\"v\":1}]")
              .starts_with("record 1, field \"bver\""));
  }
  CHECK(refusal(R"([{"bver":5,"n":"a","v":1},{"bver":6,"n":"b","v":1}])") ==
        "record 2, field \"bver\": version 6 after version 5");
}

TEST_CASE("a pack is read whole or not at all, and the sentence names the record") {
  struct Case {
    const char* pack;
    const char* sentence;
  };
  for (const Case& wrong : {
           Case{"", "the payload is not JSON: there is nothing in it"},
           Case{"[{\"n\":\"a\",\"v\":1}", "the payload is not JSON"},
           Case{"[{\"n\":\"a\",\"v\":1}] x", "the payload is not JSON"},
           Case{"[{\"n\":\"a\",\"v\":1e999}]", "the payload is not JSON: a number is malformed"},
           Case{"{\"n\":\"a\",\"v\":1}", "a SenML pack is an array of at least one record"},
           Case{"[]", "a SenML pack is an array of at least one record"},
           Case{"[1]", "record 1: it is not an object"},
           Case{"[{\"v\":1}]", "record 1: it has neither a name nor a base name before it"},
           Case{"[{\"n\":\"a\",\"v\":1},{\"n\":\"a\"}]", "record 2: it has no value"},
           Case{"[{\"n\":\"a\",\"v\":1,\"vs\":\"x\"}]", "record 1: it has more than one of"},
           Case{"[{\"n\":\"a\",\"v\":\"1\"}]", "record 1, field \"v\": it is not a number"},
           Case{"[{\"n\":\"a\",\"v\":null}]", "record 1, field \"v\": it is not a number"},
           Case{"[{\"n\":1,\"v\":1}]", "record 1, field \"n\": it is not a text"},
           Case{"[{\"n\":\"a\",\"vb\":1}]", "record 1, field \"vb\": it is not true or false"},
           Case{"[{\"n\":\"a\",\"vd\":\"a+/=\"}]", "record 1, field \"vd\": it is not URL-safe"},
           Case{"[{\"n\":\"a\",\"vd\":\"abcde\"}]", "record 1, field \"vd\": it is not URL-safe"},
           Case{"[{\"n\":\"a\",\"v\":1,\"v\":1}]", "record 1, field \"v\": it stands there twice"},
           Case{"[{\"n\":\"a b\",\"v\":1}]", "record 1: the name \"a b\" holds something other"},
           Case{"[{\"n\":\"/a\",\"v\":1}]",
                "record 1: the metric \"/a\" of the name does not begin"},
           Case{"[{\"bv\":1e308,\"n\":\"a\",\"v\":1e308}]", "record 1, field \"v\": with its base"},
           Case{"[{\"bs\":1e308,\"n\":\"a\",\"s\":1e308}]", "record 1, field \"s\": with its base"},
       }) {
    CAPTURE(wrong.pack);
    CHECK(refusal(wrong.pack).starts_with(wrong.sentence));
  }
}

TEST_CASE("each limit holds at its maximum and not one past it") {
  const SenmlLimits limits{.records_max = 2, .text_bytes_max = 5, .unit_bytes_max = 4};
  SenmlParser parser(limits);
  CHECK(parser.parse(R"([{"n":"a","u":"four","vs":"12345"},{"n":"b","v":1}])", "d", now));
  CHECK(refusal(R"([{"n":"a","v":1},{"n":"b","v":1},{"n":"c","v":1}])", limits)
            .starts_with("more than 2 records in one pack"));
  CHECK(refusal(R"([{"n":"a","vs":"123456"}])", limits) ==
        "record 1, field \"vs\": it has 6 bytes, at most 5 are allowed");
  CHECK(refusal(R"([{"n":"a","u":"fives","v":1}])", limits) ==
        "record 1: its unit has 5 bytes, at most 4 are allowed");
  const auto named = [](std::size_t size) {
    return "[{\"n\":\"" + std::string(size, 'a') + "\",\"v\":1}]";
  };
  CHECK(read(named(128)).size() == 1);
  CHECK(refusal(named(129)).find("has 129 bytes, at most 128 are allowed") != std::string::npos);
  CHECK(refusal(std::string((1 << 20) + 1, ' ')).find("at most 1048576") != std::string::npos);
}

}  // namespace cauce::decode
