#include "charts/drawing/name_order.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "charts/figures/sample.h"
#include "charts/svg_reader_test.h"

namespace cauce::charts::drawing {
namespace {

std::vector<std::string> by_name(std::vector<std::string> names) {
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const NameOrder is_before{names};
  std::sort(order.begin(), order.end(),
            [&](std::size_t one, std::size_t other) { return is_before(one, other); });
  std::vector<std::string> ordered;
  for (const std::size_t index : order)
    ordered.push_back(names[index]);
  return ordered;
}

TEST_CASE("names that are numbers ascend, others go byte by byte") {
  CHECK(by_name({"10", "9", "", "-1", "2.5"}) ==
        std::vector<std::string>{"-1", "2.5", "9", "10", ""});
  CHECK(by_name({"b", "10", "9", ""}) == std::vector<std::string>{"", "10", "9", "b"});
}

TEST_CASE("bars and boxes by name have numbers ascending, from the top") {
  std::vector<std::string> names;
  std::vector<double> values;
  for (int row = 0; row < 48; ++row) {
    names.push_back(std::to_string(row * 7 % 24));
    values.push_back(row);
  }
  for (const Kind kind : {Kind::bar, Kind::box}) {
    Request request = kind == Kind::bar ? asked(kind, "g", "v") : asked(kind, "", "v", "g");
    request.order = Order::name;
    request.height_px = 900;
    const MemoryTable table{{text_cells("g", names), number_cells("v", values)}};
    const auto elements = read(computed(table, request), request);
    double before = -1;
    for (const SvgElement& mark : with_role(elements, kind == Kind::bar ? "bar" : "box")) {
      if (mark.at("data-group").find("other") == 0) continue;
      CHECK(mark.number("data-group") > before);
      before = mark.number("data-group");
    }
    CHECK(before > 10);
  }
}

}  // namespace
}  // namespace cauce::charts::drawing
