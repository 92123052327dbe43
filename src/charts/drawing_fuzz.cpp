// Any small table drawn by any request: a picture or words, never worse. The SVG is well-formed,
// none of its texts or marks lies outside of the picture, and neither it nor the PNG is larger than
// promised.
#include <expat.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "charts/drawing/font_leaks.h"
#include "charts/figures.h"
#include "charts/fuzz_input.h"
#include "charts/options.h"
#include "charts/render.h"
#include "columns/memory/memory.h"

using namespace cauce;
using charts::Input;

namespace {

constexpr std::size_t svg_bytes_max = 300'000;
constexpr std::size_t png_bytes_max = 150'000;  // at 720 by 440; larger pictures have more pixels
constexpr std::size_t rows_max = 60;

// Columns: a and b numbers, d dates, t text, u text of few values.
const std::vector<std::string> names{"a", "b", "d", "t", "u", ""};

std::string column_from(Input& input) {
  return names[input.below(std::uint8_t(names.size()))];
}

void set(charts::Request& request, std::string_view name, const std::string& value) {
  // What is refused stays as it was.
  static_cast<void>(charts::set_option(request, name, value).has_value());
}

charts::Request request_from(Input& input) {
  charts::Request request;
  const char* const kinds[] = {"scatter", "bar",  "box",  "density", "histogram",
                               "line",    "ecdf", "heat", "pairs"};
  const auto kind = charts::parse_kind(kinds[input.below(9)]);
  if (kind) request.kind = *kind;
  for (const char* const option : {"x", "y", "color", "by", "facet"})
    set(request, option, column_from(input));
  if (request.kind == charts::Kind::scatter) {
    set(request, "size", column_from(input));
    set(request, "shape", column_from(input));
  }
  if (request.kind == charts::Kind::pairs) {
    request.x = request.y = request.by = request.facet = "";
    set(request, "columns",
        column_from(input) + "," + column_from(input) + "," + column_from(input));
  }
  const std::vector<std::string> marks{"box", "violin", "strip"};
  if (request.kind == charts::Kind::box) set(request, "marks", marks[input.below(3)]);
  const std::vector<std::pair<std::string_view, std::vector<std::string>>> choices{
      {"x-scale", {"linear", "log", "symlog"}},
      {"y-scale", {"linear", "log", "symlog"}},
      {"aggregate", {"mean", "sum", "count", "median"}},
      {"bars", {"grouped", "stacked", "shares"}},
      {"direction", {"horizontal", "upright"}},
      {"top", {"20", "0", "1", "2"}},
      {"cells", {"", "5x4", "1x1", "64x48"}},
      {"bins", {"auto", "1", "7", "900"}},
      {"order", {"value", "name", "given"}},
      {"theme", {"light", "dark", "print"}},
      {"locale", {"en", "es"}},
      {"x-limits", {"", "0 to 10", "to 3", "-1e300 to"}},
      {"y-limits", {"", "0 to 10", "to 3", "1970-01-02 to"}},
      {"annotate", {"", "y = 3: Target", "x = 2 to 5: Trial", "y = -1e9 to 4e200"}},
      {"palette", {"", "#ffffff", "#123456,#fedcba"}},
      {"width", {"720", "160", "1200", "333"}},
      {"height", {"440", "160", "900", "237"}}};
  for (const auto& [name, values] : choices)
    set(request, name, values[input.below(std::uint8_t(values.size()))]);
  for (const char* const option : {"title", "source", "footer", "x-unit", "y-unit"})
    if (input.below(3) == 0) set(request, option, input.text());
  if (input.below(4) == 0) request.highlight = input.text();
  return request;
}

columns::memory::MemoryTable table_from(Input& input) {
  std::vector<double> a;
  std::vector<double> b;
  std::vector<double> dates;
  std::vector<std::string> days;
  std::vector<std::string> texts;
  std::vector<std::string> few;
  const bool wild = input.below(3) == 0;
  while (!input.over() && a.size() < rows_max) {
    a.push_back(wild ? input.take<double>() : double(input.take<std::int8_t>()));
    b.push_back(wild ? input.take<double>() : double(input.take<std::int8_t>()) / 7);
    dates.push_back(double(input.take<std::uint16_t>()) * 86'400e6);
    days.push_back(std::to_string(a.size()));
    texts.push_back(input.text());
    few.push_back(std::string(1, char('a' + input.below(5))));
  }
  return columns::memory::MemoryTable{
      {columns::memory::number_cells("a", a), columns::memory::number_cells("b", b),
       columns::memory::time_cells("d", columns::Type::date, dates, days),
       columns::memory::text_cells("t", texts), columns::memory::text_cells("u", few)}};
}

struct Reader {
  double width, height;
  bool inside = true;
};

double number(const char** attributes, std::string_view name, double fallback) {
  for (; *attributes != nullptr; attributes += 2) {
    if (name == attributes[0]) return std::strtod(attributes[1], nullptr);
  }
  return fallback;
}

// No place is a number that is none.
bool has_places(const char** attributes) {
  for (; *attributes != nullptr; attributes += 2) {
    const std::string_view name = attributes[0];
    const std::string_view value = attributes[1];
    const bool place = name == "d" || name == "data-range" || name.starts_with("x") ||
                       name.starts_with("y") || name == "width" || name == "height";
    if (place && (value.find("nan") != value.npos || value.find("inf") != value.npos)) return false;
  }
  return true;
}

// By the metrics of Inter: capitals reach 0.74 of the size above the line, letters 0.21 below.
void check_element(void* user, const char* element, const char** attributes) {
  auto& reader = *static_cast<Reader*>(user);
  reader.inside &= has_places(attributes);
  const double x = number(attributes, "x", 0);
  const double y = number(attributes, "y", 0);
  if (std::strcmp(element, "text") == 0) {
    const double size = number(attributes, "font-size", 0);
    const double length = number(attributes, "textLength", 0);
    reader.inside &= x >= -0.01 && x + length <= reader.width + 0.01;
    reader.inside &= y - 0.74 * size >= -0.01 && y + 0.21 * size <= reader.height + 0.01;
  }
  if (std::strcmp(element, "rect") == 0 || std::strcmp(element, "image") == 0) {
    const double width = number(attributes, "width", -1);
    const double height = number(attributes, "height", -1);
    reader.inside &= width >= 0 && height >= 0;
    reader.inside &= x >= -0.51 && x + width <= reader.width + 0.51;
    reader.inside &= y >= -0.51 && y + height <= reader.height + 0.51;
  }
}

void check_svg(const Bytes& svg, const charts::Request& request) {
  INVARIANT(svg.size() <= svg_bytes_max);
  Reader reader{double(request.width_px), double(request.height_px)};
  XML_Parser parser = XML_ParserCreate("UTF-8");
  XML_SetUserData(parser, &reader);
  XML_SetStartElementHandler(parser, check_element);
  const bool well_formed = XML_Parse(parser, svg.data(), int(svg.size()), 1) == XML_STATUS_OK;
  XML_ParserFree(parser);
  INVARIANT(well_formed);
  INVARIANT(reader.inside);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  Input input{bytes, size};
  const charts::Request request = request_from(input);
  columns::memory::MemoryTable table = table_from(input);
  const Result<charts::Figures> figures = charts::compute_figures(table, request);
  if (!figures) {
    INVARIANT(!figures.error().message.empty());
    return 0;
  }
  const Result<Bytes> svg = charts::render(*figures, request, charts::Format::svg);
  const Result<Bytes> png = charts::render(*figures, request, charts::Format::png);
  INVARIANT(svg.has_value() == png.has_value());
  if (!svg) {
    INVARIANT(!svg.error().message.empty());
    return 0;
  }
  check_svg(*svg, request);
  const auto pixels = std::size_t(request.width_px) * std::size_t(request.height_px);
  INVARIANT(png->size() <= std::max(png_bytes_max, pixels / 2));
  INVARIANT(!charts::alternative_text(*figures, request).empty());
  return 0;
}
