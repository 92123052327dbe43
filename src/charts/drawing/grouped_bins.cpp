#include <algorithm>
#include <numeric>

#include "charts/drawing/bins.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/curve_labels.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t filled_max = 4;

struct Outline {
  std::string group;
  std::vector<std::uint64_t> counts;
  std::uint64_t n = 0;
  Colour colour;
};

std::string outline_label(const Outline& outline, Locale locale) {
  return clean_text(outline.group) + " (" + count_text(outline.n, locale) + ")";
}

std::uint64_t sum_of(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// Groups in order of their first row; the others are drawn first, beneath them.
std::vector<Outline> outlines_of(const Sheet& sheet, const HistogramFigures& figures) {
  const Locale locale = sheet.request().locale;
  std::vector<std::size_t> order(figures.groups.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::uint64_t> sizes;
  sizes.reserve(figures.group_counts.size());
  for (const std::vector<std::uint64_t>& counts : figures.group_counts)
    sizes.push_back(sum_of(counts));
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return sizes[one] != sizes[other] ? sizes[one] > sizes[other] : one < other;
  });
  const std::size_t named = order.size() <= series_max ? order.size() : series_max - 1;
  std::vector<Outline> outlines;
  if (named < order.size()) {
    Outline others{
        (locale == Locale::es ? "otros " : "other ") + count_text(order.size() - named, locale),
        std::vector<std::uint64_t>(figures.counts.size()), 0, sheet.look().neutral};
    for (std::size_t place = named; place < order.size(); ++place) {
      const std::vector<std::uint64_t>& counts = figures.group_counts[order[place]];
      for (std::size_t bin = 0; bin < counts.size(); ++bin)
        others.counts[bin] += counts[bin];
      others.n += sizes[order[place]];
    }
    outlines.push_back(std::move(others));
  }
  order.resize(named);
  std::sort(order.begin(), order.end());
  for (std::size_t place = 0; place < named; ++place) {
    const std::size_t group = order[place];
    outlines.push_back({figures.groups[group], figures.group_counts[group], sizes[group],
                        sheet.look().series[place]});
  }
  return outlines;
}

void put_outline(Sheet& sheet, const Outline& outline, double fill, const Bins& bins,
                 const Plot& plot, std::size_t outlines) {
  Path path{outline_of(sheet, outline.counts, bins, plot, outlines),
            true,
            with_alpha(outline.colour, fill),
            outline.colour,
            1.6,
            {"steps",
             {{"data-group", outline.group},
              {"data-n", std::to_string(outline.n)},
              {"data-bins", std::to_string(outline.counts.size())},
              {"data-from", exact_text(bins.edge(0))},
              {"data-to", exact_text(bins.edge(outline.counts.size()))}},
             outline_label(outline, sheet.request().locale)}};
  if (outline.counts.size() <= single_bins_max)
    path.measures.push_back({"data-values", {outline.counts.begin(), outline.counts.end()}});
  sheet.add(std::move(path));
}

}  // namespace

void draw_grouped_bins(Sheet& sheet, const Bins& bins) {
  const Locale locale = sheet.request().locale;
  const std::vector<Outline> outlines = outlines_of(sheet, bins.figures);
  std::uint64_t most = 1;
  for (const Outline& outline : outlines)
    most = std::max(most, *std::max_element(outline.counts.begin(), outline.counts.end()));
  // Names stand at their outlines when all have room there, which a copy of the sheet tries.
  Sheet trial = sheet;
  const Plot first = put_bin_axes(trial, bins, most);
  std::vector<CurveName> names;
  names.reserve(outlines.size());
  for (const Outline& outline : outlines) {
    names.push_back({outline_label(outline, locale), text_colour(outline.colour, sheet.look()),
                     outline_of(sheet, outline.counts, bins, first, outlines.size())});
  }
  // Panels have one legend for all.
  const bool direct = sheet.multiples() == nullptr && place_names(trial, first.area, names);
  if (!direct) {
    std::vector<LegendEntry> entries;
    entries.reserve(outlines.size());
    for (const Outline& outline : outlines)
      entries.push_back(
          {outline_label(outline, locale), outline.colour, Shape::square, outline.group});
    // Drawn beneath the others, named after them.
    if (bins.figures.groups.size() > series_max)
      std::rotate(entries.begin(), entries.begin() + 1, entries.end());
    sheet.legend(entries);
  }
  const Plot plot = put_bin_axes(sheet, bins, most);
  // Many fills over each other are mud: their outlines tell more.
  const double fill = outlines.size() <= filled_max ? 0.18 : 0.05;
  for (const Outline& outline : outlines)
    put_outline(sheet, outline, fill, bins, plot, outlines.size());
  put_baseline(sheet, plot);
  if (direct) put_curve_names(sheet, names);
}

}  // namespace cauce::charts::drawing
