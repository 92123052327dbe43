#include "charts/drawing/group_marks.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

constexpr double vertices_of_all = 3'000;  // of violins: keeps the SVG of any number small
constexpr double steps_of_all = 3'400;     // of strips that count
constexpr double near_px = 6;              // within which points would hide each other

Meaning meaning_of(const BoxGroup& group, std::size_t index) {
  return {"box",
          {{"data-group", group.group},
           {"data-index", std::to_string(index)},
           {"data-n", std::to_string(group.n)},
           {"data-min", exact_text(group.min)},
           {"data-q1", exact_text(group.q1)},
           {"data-median", exact_text(group.median)},
           {"data-q3", exact_text(group.q3)},
           {"data-max", exact_text(group.max)},
           {"data-whisker-low", exact_text(group.whisker_low)},
           {"data-whisker-high", exact_text(group.whisker_high)},
           {"data-outliers", std::to_string(group.outlier_count)}},
          ""};
}

void put_whisker(Sheet& sheet, const GroupMark& mark, double from, double to) {
  if (from == to) return;
  sheet.add(
      Line{mark.scale(from),
           mark.place.middle,
           mark.scale(to),
           mark.place.middle,
           sheet.look().muted,
           1.2,
           {"whisker", {{"data-group", mark.group.group}, {"data-value", exact_text(to)}}, ""}});
}

// Up and down from the middle, for ascending places along the scale: only where points lie close
// to each other.
std::vector<double> offsets_of(const std::vector<double>& places, double radius, double thick) {
  std::vector<double> offsets;
  std::size_t begin = 0;
  std::size_t end = 0;
  for (std::size_t index = 0; index < places.size(); ++index) {
    while (places[begin] < places[index] - near_px)
      ++begin;
    while (end < places.size() && places[end] <= places[index] + near_px)
      ++end;
    // What points side by side would need, and more, because they are spread evenly but not packed.
    const double needed = double(end - begin - 1) * 10 * radius * radius / (2 * near_px);
    const double width = std::min(needed, thick - 2 * radius);
    offsets.push_back((spread_out(std::uint32_t(index + 1)) - 0.5) * std::max(width, 0.0));
  }
  return offsets;
}

// How many vertices or steps one group has along each side.
std::size_t share_of_group(const Sheet& sheet, const GroupMark& mark, double of_all) {
  const double groups = std::max(1.0, double(sheet.request().height_px) / mark.place.height);
  return std::size_t(std::clamp(of_all / groups, 20.0, 256.0));
}

// From the left along the upper side and back along the lower one.
std::vector<Vertex> mirrored(const std::vector<Vertex>& upper, double middle) {
  std::vector<Vertex> outline = upper;
  for (auto vertex = upper.rbegin(); vertex != upper.rend(); ++vertex)
    outline.push_back({vertex->x, 2 * middle - vertex->y});
  return outline;
}

double rounded(double value) {
  if (value == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 5);
  return std::round(value / unit) * unit;
}

}  // namespace

double density_at(const DensityGroup& density, double share) {
  const double low = density.x0 + 3 * density.bandwidth;
  const double high = density.x1 - 3 * density.bandwidth;
  const auto last = double(density.y.size() - 1);
  const double at = (low + (high - low) * share - density.x0) / (density.x1 - density.x0) * last;
  const double place = std::clamp(at, 0.0, last);
  const auto left = std::min(std::size_t(place), density.y.size() - 2);
  const double part = place - double(left);
  return density.y[left] * (1 - part) + density.y[left + 1] * part;
}

double spread_out(std::uint32_t index) {
  double share = 0;
  for (double part = 0.5; index > 0; index /= 2, part /= 2)
    share += index % 2 == 0 ? 0 : part;
  return share;
}

void put_median(Sheet& sheet, const GroupMark& mark, double length) {
  const double x = mark.scale(mark.group.median);
  sheet.add(Line{x,
                 mark.place.middle - length / 2,
                 x,
                 mark.place.middle + length / 2,
                 sheet.look().ink,
                 2.4,
                 {"median",
                  {{"data-group", mark.group.group}, {"data-value", exact_text(mark.group.median)}},
                  ""}});
}

void put_box(Sheet& sheet, const GroupMark& mark) {
  const BoxGroup& group = mark.group;
  const Look& look = sheet.look();
  put_whisker(sheet, mark, group.q1, group.whisker_low);
  put_whisker(sheet, mark, group.q3, group.whisker_high);
  const double left = mark.scale(group.q1);
  sheet.add(Rectangle{left, mark.place.middle - mark.place.thick / 2, mark.scale(group.q3) - left,
                      mark.place.thick, over(with_alpha(mark.colour, 0.32), look.ground),
                      mark.colour, 1.3, meaning_of(group, mark.place.index)});
  put_median(sheet, mark, mark.place.thick);
  // A group of few values shows all of them as points.
  if (!group.points.empty()) return;
  for (const double value : group.outliers) {
    sheet.add(
        Marker{mark.scale(value),
               mark.place.middle,
               std::min(3.0, mark.place.thick / 3),
               Shape::ring,
               look.muted,
               look.ground,
               {"outlier", {{"data-group", group.group}, {"data-value", exact_text(value)}}, ""}});
  }
}

void put_violin(Sheet& sheet, const GroupMark& mark, const DensityGroup& density, double peak) {
  const BoxGroup& group = mark.group;
  const BandPlace& place = mark.place;
  const std::size_t points = share_of_group(sheet, mark, vertices_of_all);
  std::vector<Vertex> upper;
  std::vector<double> densities;
  const double from = mark.scale(group.min);
  const double to = mark.scale(group.max);
  for (std::size_t index = 0; index < points; ++index) {
    const double share = double(index) / double(points - 1);
    // Six digits: far more than a pixel shows.
    densities.push_back(rounded(density_at(density, share)));
    const double half = densities.back() / peak * place.thick / 2;
    upper.push_back({from + (to - from) * share, place.middle - half});
  }
  sheet.add(Path{mirrored(upper, place.middle),
                 true,
                 over(with_alpha(mark.colour, 0.32), sheet.look().ground),
                 mark.colour,
                 1.3,
                 {"violin",
                  {{"data-group", group.group},
                   {"data-index", std::to_string(place.index)},
                   {"data-n", std::to_string(group.n)},
                   {"data-bandwidth", exact_text(density.bandwidth)},
                   {"data-min", exact_text(group.min)},
                   {"data-max", exact_text(group.max)},
                   {"data-peak", exact_text(peak)},
                   {"data-thick", exact_text(place.thick / place.height)}},
                  ""},
                 {{"data-values", std::move(densities)}}});
  const double bar = std::clamp(place.thick * 0.12, 3.0, 7.0);
  const double left = mark.scale(group.q1);
  sheet.add(Rectangle{left,
                      place.middle - bar / 2,
                      mark.scale(group.q3) - left,
                      bar,
                      mark.colour,
                      {},
                      1,
                      meaning_of(group, place.index)});
  put_median(sheet, mark, 2.2 * bar);
}

void put_counts(Sheet& sheet, const GroupMark& mark, const BoxFigures& figures,
                std::uint64_t most) {
  const std::vector<std::uint64_t>& counts = mark.group.counts;
  const BandPlace& place = mark.place;
  const double width = (figures.bins_high - figures.bins_low) / double(counts.size());
  const auto at = [&](std::size_t bin) {
    return mark.scale(mark.dimension.real(figures.bins_low + width * double(bin)));
  };
  // Bins nearer to each other than can be written are one step as high as the highest of them.
  const std::size_t steps = share_of_group(sheet, mark, steps_of_all);
  const std::size_t together = (counts.size() + steps - 1) / steps;
  std::vector<Vertex> upper;
  std::vector<double> values;
  for (std::size_t bin = 0; bin < counts.size(); bin += together) {
    const std::size_t end = std::min(bin + together, counts.size());
    values.push_back(double(*std::max_element(counts.begin() + std::ptrdiff_t(bin),
                                              counts.begin() + std::ptrdiff_t(end))));
    const double y = place.middle - values.back() / double(most) * place.thick / 2;
    upper.push_back({at(bin), y});
    upper.push_back({at(end), y});
  }
  Path path{mirrored(upper, place.middle),
            true,
            mark.colour,
            {},
            1,
            {"counts",
             {{"data-group", mark.group.group},
              {"data-index", std::to_string(place.index)},
              {"data-n", std::to_string(mark.group.n)},
              {"data-from", exact_text(mark.dimension.real(figures.bins_low))},
              {"data-to", exact_text(mark.dimension.real(figures.bins_high))},
              {"data-peak", std::to_string(most)},
              {"data-thick", exact_text(place.thick / place.height)}},
             ""}};
  if (together == 1) path.measures = {{"data-values", std::move(values)}};
  sheet.add(std::move(path));
  put_median(sheet, mark, place.thick);
}

void put_points(Sheet& sheet, const std::vector<GroupMark>& marks) {
  std::size_t points = 0;
  for (const GroupMark& mark : marks)
    points += mark.group.points.size();
  if (points == 0) return;
  const double radius = points > 1500 ? 2.0 : points > 300 ? 2.6 : 3.4;
  Cloud cloud{{},
              {},
              std::min(radius, std::max(1.2, marks.front().place.thick / 3)),
              sheet.look().ground,
              {"points", {{"data-n", std::to_string(points)}}, ""}};
  for (const GroupMark& mark : marks) {
    if (mark.group.points.empty()) continue;
    std::vector<double> places;
    places.reserve(mark.group.points.size());
    for (const double value : mark.group.points)
      places.push_back(mark.scale(value));
    const std::vector<double> offsets = offsets_of(places, cloud.radius, mark.place.thick);
    for (std::size_t index = 0; index < places.size(); ++index) {
      // On the axis of bands, whose unit is a band.
      const double across = double(mark.place.index) + 0.5 + offsets[index] / mark.place.height;
      cloud.spots.push_back({float(places[index]), float(mark.place.middle + offsets[index]),
                             std::uint32_t(cloud.styles.size()), mark.group.points[index], across});
    }
    cloud.styles.push_back(
        {Shape::circle, with_alpha(mark.colour, points > 1500 ? 0.5 : 0.75), mark.group.group});
  }
  sheet.add(std::move(cloud));
}

}  // namespace cauce::charts::drawing
