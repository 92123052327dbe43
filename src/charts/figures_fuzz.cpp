// Any numbers in any chart: computed or refused in words, never worse, and no row unaccounted for.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>

#include "charts/figures.h"
#include "charts/fuzz_input.h"
#include "columns/memory/memory.h"

using namespace cauce;
using charts::Input;

namespace {

charts::Request request_from(Input& input) {
  using charts::Kind;
  charts::Request request;
  request.width_px = charts::side_px_min;  // few cells: what they count matters, not how many
  request.height_px = 16;
  request.kind = Kind(input.below(9));
  const bool pair = request.kind == Kind::scatter || request.kind == Kind::line;
  const bool by = request.kind != Kind::bar && request.kind != Kind::heat && !pair;
  const char* const colors[] = {"", "t", "b"};
  request.x = request.kind == Kind::bar || request.kind == Kind::heat ? "t" : "a";
  request.y = pair || request.kind == Kind::bar ? "b" : "";
  if (request.kind == Kind::heat) request.y = "a";
  if (request.kind == Kind::box) {
    request.x = "";
    request.y = "a";
  }
  if (request.kind == Kind::density && input.below(2) == 1) request.y = "b";
  if (request.kind == Kind::pairs) {
    request.x = "";
    request.columns = {"a", "b"};
    request.color = colors[input.below(3)];
    return request;
  }
  if (by && request.y != "b" && input.below(2) == 1) request.by = "t";
  if (!by) request.color = colors[input.below(3)];
  request.aggregate = charts::Aggregate(input.below(4));
  request.bars = charts::Bars(input.below(3));
  request.bins.rule = charts::Bins::Rule(input.below(5));
  request.bandwidth.rule = charts::Bandwidth::Rule(input.below(2));
  if (request.kind == Kind::box) request.marks = charts::Marks(input.below(3));
  if (request.kind == Kind::scatter) request.shape = colors[input.below(2)];
  if (request.kind == Kind::scatter && input.below(3) == 0) request.size = "a";
  if (input.below(3) == 0) request.cells = charts::Cells{7, 5};
  if (input.below(3) == 0) request.x_scale = charts::Scale(input.below(3));
  if (input.below(3) == 0) request.top = 1;
  if (input.below(4) == 1) request.facet = "t";
  return request;
}

columns::memory::MemoryTable table_from(Input& input) {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<std::string> texts;
  const bool whole = input.below(2) == 1;
  const std::size_t block_rows = 1 + input.below(8);
  while (!input.over() && a.size() < 200) {
    const char letter = char('a' + input.below(5));
    texts.push_back(letter == 'a' ? "" : std::string(1, letter));
    a.push_back(whole ? double(input.take<std::int8_t>()) : input.take<double>());
    b.push_back(whole ? double(input.take<std::int8_t>()) : input.take<double>());
  }
  return columns::memory::MemoryTable{
      {columns::memory::number_cells("a", a), columns::memory::number_cells("b", b),
       columns::memory::text_cells("t", texts)},
      {block_rows, {}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Input input{bytes, size};
  charts::FiguresLimits limits;
  limits.values_max = input.below(2) == 0 ? 5 : 1'000;
  limits.rug_max = input.below(2) == 0 ? 5 : 1'000;
  limits.strip_points_max = input.below(2) == 0 ? 5 : 1'000;
  limits.points_max = input.below(2) == 0 ? 5 : 1'000;
  limits.line_points_max = input.below(2) == 0 ? 5 : 1'000;
  const charts::Request request = request_from(input);
  columns::memory::MemoryTable table = table_from(input);
  const Result<charts::Figures> figures = charts::compute_figures(table, request, limits);
  if (!figures) {
    INVARIANT(!figures.error().message.empty());
    INVARIANT(figures.error().outcome == Outcome::invalid);
    return 0;
  }
  INVARIANT(figures->rows == table.rows());
  INVARIANT(figures->drawn + figures->missing + figures->excluded + figures->not_positive +
                figures->without_panel ==
            figures->rows);
  if (const auto* scatter = std::get_if<charts::ScatterFigures>(&figures->of);
      scatter != nullptr && !scatter->counts.empty()) {
    const auto counted =
        std::accumulate(scatter->counts.begin(), scatter->counts.end(), std::uint64_t{0});
    INVARIANT(counted == figures->drawn);
  }
  INVARIANT(!charts::to_json(*figures).empty());
  return 0;
}
