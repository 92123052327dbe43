#include "charts/options.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace cauce::charts {

namespace {

// Of a column's name, a title or a source: longer ones are never meant.
constexpr std::size_t text_bytes_max = 10'000;

template <class Value, std::size_t count>
using Names = std::array<std::pair<std::string_view, Value>, count>;

template <class Value, std::size_t count>
std::string_view name_in(const Names<Value, count>& names, Value wanted) {
  for (const auto& [name, value] : names) {
    if (value == wanted) return name;
  }
  INVARIANT(false);
}

constexpr Names<Kind, 9> kinds{{{"scatter", Kind::scatter},
                                {"bar", Kind::bar},
                                {"box", Kind::box},
                                {"density", Kind::density},
                                {"histogram", Kind::histogram},
                                {"ecdf", Kind::ecdf},
                                {"line", Kind::line},
                                {"heat", Kind::heat},
                                {"pairs", Kind::pairs}}};
constexpr Names<Aggregate, 4> aggregates{{{"mean", Aggregate::mean},
                                          {"sum", Aggregate::sum},
                                          {"count", Aggregate::count},
                                          {"median", Aggregate::median}}};
constexpr Names<Bandwidth::Rule, 2> bandwidths{
    {{"scott", Bandwidth::Rule::scott}, {"silverman", Bandwidth::Rule::silverman}}};
constexpr Names<Bins::Rule, 4> bin_rules{{{"sturges", Bins::Rule::sturges},
                                          {"scott", Bins::Rule::scott},
                                          {"fd", Bins::Rule::freedman_diaconis},
                                          {"auto", Bins::Rule::automatic}}};
constexpr Names<Bars, 3> arrangements{
    {{"grouped", Bars::grouped}, {"stacked", Bars::stacked}, {"shares", Bars::shares}}};
constexpr Names<Direction, 2> directions{
    {{"horizontal", Direction::horizontal}, {"upright", Direction::upright}}};
constexpr Names<Marks, 3> marks{
    {{"box", Marks::box}, {"violin", Marks::violin}, {"strip", Marks::strip}}};
constexpr Names<Trend, 2> trends{{{"none", Trend::none}, {"linear", Trend::linear}}};
constexpr Names<Scale, 3> scales{
    {{"linear", Scale::linear}, {"log", Scale::log}, {"symlog", Scale::symlog}}};
constexpr Names<Period, 4> periods{{{"day", Period::day},
                                    {"week", Period::week},
                                    {"month", Period::month},
                                    {"year", Period::year}}};
constexpr Names<Order, 3> orders{
    {{"value", Order::value}, {"name", Order::name}, {"given", Order::given}}};
constexpr Names<Theme, 3> themes{
    {{"light", Theme::light}, {"dark", Theme::dark}, {"print", Theme::print}}};
constexpr Names<Locale, 2> locales{{{"en", Locale::en}, {"es", Locale::es}}};

Error not_accepted(std::string_view name, std::string_view value, std::string_view accepted) {
  return {Outcome::invalid,
          fmt::format("{} cannot be \"{}\"; write {}", name, value.substr(0, 64), accepted)};
}

template <class Value, std::size_t count>
bool choose(const Names<Value, count>& names, std::string_view text, Value& target) {
  for (const auto& [name, value] : names) {
    if (name != text) continue;
    target = value;
    return true;
  }
  return false;
}

template <class Number>
bool parse_number(std::string_view text, Number low, Number high, Number& target) {
  Number number{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || end != text.data() + text.size()) return false;
  // Written this way round, NaN is refused too.
  if (!(number >= low && number <= high)) return false;
  target = number;
  return true;
}

bool set_bandwidth(Bandwidth& bandwidth, std::string_view text) {
  if (choose(bandwidths, text, bandwidth.rule)) return true;
  if (!parse_number(text, 1e-300, 1e300, bandwidth.width)) return false;
  bandwidth.rule = Bandwidth::Rule::given;
  return true;
}

bool set_bins(Bins& bins, std::string_view text) {
  if (choose(bin_rules, text, bins.rule)) return true;
  if (!parse_number<std::uint32_t>(text, 1, bins_max, bins.count)) return false;
  bins.rule = Bins::Rule::given;
  return true;
}

bool set_cells(std::optional<Cells>& target, std::string_view text) {
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return false;
  Cells cells;
  if (!parse_number<std::uint32_t>(text.substr(0, cross), 1, cells_max, cells.across)) return false;
  if (!parse_number<std::uint32_t>(text.substr(cross + 1), 1, cells_max, cells.up)) return false;
  target = cells;
  return true;
}

bool set_text(std::string& target, std::string_view text) {
  if (text.size() > text_bytes_max) return false;
  target = text;
  return true;
}

// Names with commas between them; in double quotes one may hold a comma, and a doubled quote is
// one.
bool set_columns(std::vector<std::string>& columns, std::string_view text) {
  if (text.size() > text_bytes_max) return false;
  std::vector<std::string> names{""};
  bool quoted = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool doubled = quoted && text.substr(at, 2) == "\"\"";
    if (text[at] == '"' && !doubled) {
      quoted = !quoted;
    } else if (text[at] == ',' && !quoted) {
      names.emplace_back();
    } else {
      names.back() += text[at];
      at += doubled ? 1 : 0;
    }
  }
  if (quoted || names.size() > pairs_columns_max) return false;
  columns = std::move(names);
  return true;
}

bool add_condition(std::vector<Condition>& conditions, std::string_view text) {
  Result<Condition> condition = parse_condition(text);
  if (!condition || conditions.size() >= conditions_max) return false;
  conditions.push_back(std::move(*condition));
  return true;
}

bool add_annotation(std::vector<Annotation>& annotations, std::string_view text) {
  Result<Annotation> annotation = parse_annotation(text);
  if (!annotation || annotations.size() >= annotations_max) return false;
  annotations.push_back(std::move(*annotation));
  return true;
}

bool set_span(std::optional<Span>& target, std::string_view text) {
  Result<Span> span = parse_span(text);
  if (!span) return false;
  target = std::move(*span);
  return true;
}

bool set_palette(std::vector<Rgb>& palette, std::string_view text) {
  std::vector<Rgb> colours;
  for (std::size_t at = 0; at <= text.size(); at += 8) {
    std::uint32_t rgb = 0;
    const std::string_view digits = text.substr(at).substr(0, 7);
    if (digits.size() != 7 || digits[0] != '#' || colours.size() >= palette_max) return false;
    const auto [end, failure] = std::from_chars(digits.data() + 1, digits.data() + 7, rgb, 16);
    if (failure != std::errc{} || end != digits.data() + 7) return false;
    if (at + 7 < text.size() && text[at + 7] != ',') return false;
    colours.push_back({std::uint8_t(rgb >> 16), std::uint8_t(rgb >> 8), std::uint8_t(rgb)});
  }
  palette = std::move(colours);
  return true;
}

struct Setting {
  Option option;
  bool (*set)(Request&, std::string_view);
};

const std::vector<Setting>& settings_of_columns() {
  static const std::vector<Setting> all{
      {{"x", "COLUMN", "the column along x; of a bar chart the key of its bars"},
       [](Request& request, std::string_view text) { return set_text(request.x, text); }},
      {{"y", "COLUMN", "the column along y; of bars and boxes the values"},
       [](Request& request, std::string_view text) { return set_text(request.y, text); }},
      {{"color", "COLUMN", "what colours points, parts of bars and lines; of cells the numbers"},
       [](Request& request, std::string_view text) { return set_text(request.color, text); }},
      {{"size", "COLUMN", "the numbers that points of a scatter chart show by their area"},
       [](Request& request, std::string_view text) { return set_text(request.size, text); }},
      {{"shape", "COLUMN", "the categories that points of a scatter chart show by their shape"},
       [](Request& request, std::string_view text) { return set_text(request.shape, text); }},
      {{"by", "COLUMN", "one group for each value of this column"},
       [](Request& request, std::string_view text) { return set_text(request.by, text); }},
      {{"columns", "COLUMN,COLUMN,…",
        "of a pair plot, 2 to 8 of them; a name that holds a comma in double quotes"},
       [](Request& request, std::string_view text) { return set_columns(request.columns, text); }},
      {{"where", "Horsepower > 100|Origin in USA, Japan|Horsepower is present",
        "only rows for which this holds; may be given up to 16 times"},
       [](Request& request, std::string_view text) { return add_condition(request.where, text); }},
  };
  return all;
}

const std::vector<Setting>& settings_of_marks() {
  static const std::vector<Setting> all{
      {{"x-scale", "linear|log|symlog", "of x (default: linear)"},
       [](Request& request, std::string_view text) {
         return choose(scales, text, request.x_scale);
       }},
      {{"y-scale", "linear|log|symlog", "of y (default: linear)"},
       [](Request& request, std::string_view text) {
         return choose(scales, text, request.y_scale);
       }},
      {{"period", "day|week|month|year", "into which the dates of x are gathered"},
       [](Request& request, std::string_view text) {
         return choose(periods, text, request.period);
       }},
      {{"aggregate", "mean|sum|count|median", "what bars, lines and cells show (default: mean)"},
       [](Request& request, std::string_view text) {
         return choose(aggregates, text, request.aggregate);
       }},
      {{"bars", "grouped|stacked|shares", "how the colours of a bar stand (default: grouped)"},
       [](Request& request, std::string_view text) {
         return choose(arrangements, text, request.bars);
       }},
      {{"direction", "horizontal|upright",
        "of bars; upright ones whose names have no room below them lie on their side all the same "
        "(default: horizontal)"},
       [](Request& request, std::string_view text) {
         return choose(directions, text, request.direction);
       }},
      {{"marks", "box|violin|strip",
        "what stands for a group of a box chart: quartiles, density or values (default: box)"},
       [](Request& request, std::string_view text) { return choose(marks, text, request.marks); }},
      {{"top", "N", "bars drawn, the others as one; 0: all (default: 20)"},
       [](Request& request, std::string_view text) {
         return parse_number<std::uint32_t>(text, 0, 10'000, request.top);
       }},
      {{"bandwidth", "scott|silverman|NUMBER",
        "of a density or a violin, a number in units of its values"},
       [](Request& request, std::string_view text) {
         return set_bandwidth(request.bandwidth, text);
       }},
      {{"bins", "sturges|scott|fd|auto|N", "of a histogram, or N of a strip, from 1 to 10000"},
       [](Request& request, std::string_view text) { return set_bins(request.bins, text); }},
      {{"cells", "NXxNY", "a scatter chart as counts in so many cells, up to 4096x4096"},
       [](Request& request, std::string_view text) { return set_cells(request.cells, text); }},
  };
  return all;
}

const std::vector<Setting>& settings_of_page() {
  static const std::vector<Setting> all{
      {{"title", "TEXT", "the title instead of one made of the columns' names"},
       [](Request& request, std::string_view text) { return set_text(request.title, text); }},
      {{"source", "TEXT", "where the data come from, for the footer"},
       [](Request& request, std::string_view text) { return set_text(request.source, text); }},
      {{"theme", "light|dark|print", "colours (default: light)"},
       [](Request& request, std::string_view text) { return choose(themes, text, request.theme); }},
      {{"locale", "es|en", "language of words and numbers (default: en)"},
       [](Request& request, std::string_view text) {
         return choose(locales, text, request.locale);
       }},
      {{"width", "PX", "CSS pixels, 160 to 4096 (default: 720)"},
       [](Request& request, std::string_view text) {
         return parse_number(text, side_px_min, side_px_max, request.width_px);
       }},
      {{"height", "PX", "CSS pixels, 160 to 4096 (default: 440)"},
       [](Request& request, std::string_view text) {
         return parse_number(text, side_px_min, side_px_max, request.height_px);
       }},
      {{"ratio", "1|2|3", "device pixels of a PNG for each CSS pixel (default: 1)"},
       [](Request& request, std::string_view text) {
         return parse_number(text, 1, 3, request.ratio);
       }},
  };
  return all;
}

// What stands around the marks: panels, lines, names.
const std::vector<Setting>& settings_around_marks() {
  static const std::vector<Setting> all{
      {{"facet", "COLUMN", "small multiples: one panel for each value of this column, 24 at most"},
       [](Request& request, std::string_view text) { return set_text(request.facet, text); }},
      {{"annotate", "y = 30: Target|x = 2026-02-01 to 2026-03-15: Trial",
        "a line or a band with its words; may be given up to 16 times"},
       [](Request& request, std::string_view text) {
         return add_annotation(request.annotations, text);
       }},
      {{"highlight", "GROUP", "the group that keeps its colour; the others become grey"},
       [](Request& request, std::string_view text) { return set_text(request.highlight, text); }},
      {{"palette", "#d95f02,#1b9e77", "the colours of the first groups, up to 8"},
       [](Request& request, std::string_view text) { return set_palette(request.palette, text); }},
      {{"order", "value|name|given", "of bars and boxes, from the top (default: value)"},
       [](Request& request, std::string_view text) { return choose(orders, text, request.order); }},
      {{"x-limits", "0 to 10|0 to|to 10",
        "where the axis of x ends; rows outside are left out and counted"},
       [](Request& request, std::string_view text) { return set_span(request.x_limits, text); }},
      {{"y-limits", "0 to 10|0 to|to 10",
        "where the axis of y ends; rows outside are left out and counted"},
       [](Request& request, std::string_view text) { return set_span(request.y_limits, text); }},
      {{"x-unit", "TEXT", "of the numbers of x, for the name of its axis: kg"},
       [](Request& request, std::string_view text) { return set_text(request.x_unit, text); }},
      {{"y-unit", "TEXT", "of the numbers of y"},
       [](Request& request, std::string_view text) { return set_text(request.y_unit, text); }},
      {{"footer", "TEXT", "words of your own before the counts of the footer"},
       [](Request& request, std::string_view text) { return set_text(request.footer, text); }},
      {{"trend", "none|linear",
        "the least-squares line of a scatter chart with its 95 % interval (default: none)"},
       [](Request& request, std::string_view text) { return choose(trends, text, request.trend); }},
  };
  return all;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> every = settings_of_columns();
    for (const auto& more : {settings_of_marks(), settings_of_page(), settings_around_marks()})
      every.insert(every.end(), more.begin(), more.end());
    return every;
  }();
  return all;
}

}  // namespace

const std::vector<Option>& options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> names;
    for (const Setting& setting : settings())
      names.push_back(setting.option);
    return names;
  }();
  return all;
}

Result<void> set_option(Request& request, std::string_view name, std::string_view value) {
  std::string names;
  for (const Setting& setting : settings()) {
    if (setting.option.name == name) {
      if (setting.set(request, value)) return {};
      return not_accepted(name, value,
                          fmt::format("{}: {}", setting.option.values, setting.option.help));
    }
    names += (names.empty() ? "" : ", ") + std::string(setting.option.name);
  }
  return Error{Outcome::invalid, fmt::format("a chart has no option \"{}\"; there are: {}",
                                             name.substr(0, 64), names)};
}

Result<Kind> parse_kind(std::string_view text) {
  Kind kind{};
  if (choose(kinds, text, kind)) return kind;
  return not_accepted("a chart", text,
                      "scatter, bar, box, density, histogram, ecdf, line, heat or pairs");
}

std::string_view name_of(Kind kind) {
  return name_in(kinds, kind);
}

std::string_view name_of(Marks kind_of_marks) {
  return name_in(marks, kind_of_marks);
}

}  // namespace cauce::charts
