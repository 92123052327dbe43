#include "charts/options.h"

#include <doctest/doctest.h>

namespace cauce::charts {

namespace {

Request with(std::string_view name, std::string_view value) {
  Request request;
  const auto set = set_option(request, name, value);
  INFO(name << "=" << value);
  REQUIRE(set);
  return request;
}

std::string refused(std::string_view name, std::string_view value) {
  Request request;
  const auto set = set_option(request, name, value);
  INFO(name << "=" << value);
  REQUIRE(!set);
  CHECK(set.error().outcome == Outcome::invalid);
  return set.error().message;
}

TEST_CASE("every option that help names can be set") {
  for (const Option& option : options()) {
    const bool number = option.values.find("PX") != std::string_view::npos;
    const bool cells = option.values == "NXxNY";
    const std::string_view first = option.values.substr(0, option.values.find('|'));
    with(option.name, cells ? "64x48" : number ? "400" : option.values == "N" ? "7" : first);
  }
}

TEST_CASE("a bandwidth is a rule or a width above zero") {
  CHECK(with("bandwidth", "silverman").bandwidth.rule == Bandwidth::Rule::silverman);
  CHECK(with("bandwidth", "0.5").bandwidth.rule == Bandwidth::Rule::given);
  CHECK(with("bandwidth", "0.5").bandwidth.width == 0.5);
  for (const char* wrong : {"0", "-1", "nan", "inf", "wide", "1x", ""})
    refused("bandwidth", wrong);
}

TEST_CASE("bins are a rule or a count within its limits") {
  CHECK(with("bins", "fd").bins.rule == Bins::Rule::freedman_diaconis);
  CHECK(with("bins", "1").bins.count == 1);
  CHECK(with("bins", "10000").bins.count == bins_max);
  for (const char* wrong : {"0", "10001", "-5", "2.5", "many"})
    refused("bins", wrong);
}

TEST_CASE("columns are named with commas between them, up to eight") {
  using Names = std::vector<std::string>;
  CHECK(with("columns", "a,b").columns == Names{"a", "b"});
  CHECK(with("columns", "a b,\"c,d\",\"say \"\"x\"\"\"").columns ==
        Names{"a b", "c,d", "say \"x\""});
  CHECK(with("columns", "1,2,3,4,5,6,7,8").columns.size() == pairs_columns_max);
  for (const char* wrong : {"1,2,3,4,5,6,7,8,9", "\"a,b"})
    refused("columns", wrong);
}

TEST_CASE("cells are two counts within their limits") {
  CHECK(with("cells", "64x48").cells->across == 64);
  CHECK(with("cells", "64x48").cells->up == 48);
  CHECK(with("cells", "4096x1").cells->across == cells_max);
  for (const char* wrong : {"4097x1", "1x4097", "0x5", "64", "64x", "x48", "64x48x2"}) {
    refused("cells", wrong);
  }
}

TEST_CASE("sides and ratio have limits on both ends") {
  CHECK(with("width", "160").width_px == side_px_min);
  CHECK(with("height", "4096").height_px == side_px_max);
  CHECK(with("ratio", "3").ratio == 3);
  refused("width", "159");
  refused("height", "4097");
  refused("ratio", "0");
  refused("ratio", "4");
}

TEST_CASE("a text is cut off nowhere but refused when it is endless") {
  const std::string longest(10'000, 't');
  CHECK(with("title", longest).title == longest);
  refused("title", longest + "t");
}

TEST_CASE("what is not accepted is answered with what is") {
  CHECK(refused("theme", "solarized") ==
        "theme cannot be \"solarized\"; write light|dark|print: colours (default: light)");
  CHECK(refused("colour", "red").starts_with("a chart has no option \"colour\"; there are: x, y"));
  CHECK(!parse_kind("pie"));
  CHECK(name_of(*parse_kind("box")) == "box");
}

}  // namespace

}  // namespace cauce::charts
