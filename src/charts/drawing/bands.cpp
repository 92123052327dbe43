#include "charts/drawing/bands.h"

#include <algorithm>
#include <numeric>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/name_order.h"

namespace cauce::charts::drawing {

namespace {

constexpr double two_lines_from = 36;  // height of a band whose note stands beneath its name

double band_height(const std::vector<double>& middles, const Area& room) {
  return middles.size() > 1 ? middles[1] - middles[0] : room.height();
}

}  // namespace

std::size_t bands_that_fit(Sheet& sheet, double axis_height) {
  const double height = sheet.label_face().size * 1.3;
  return std::max<std::size_t>(
      1, std::size_t(std::max(0.0, sheet.room().height() - axis_height) / height));
}

namespace {

std::vector<ChosenBand> bands_of_whole(const std::vector<std::string>& names,
                                       const std::vector<BandCandidate>& candidates) {
  std::vector<ChosenBand> chosen;
  for (const std::string& name : names) {
    chosen.push_back({name, {}});
    for (std::size_t index = 0; index < candidates.size(); ++index) {
      if (candidates[index].name == name) chosen.back().candidate = index;
    }
  }
  return chosen;
}

}  // namespace

std::vector<ChosenBand> choose_bands(Sheet& sheet, const std::vector<BandCandidate>& candidates,
                                     std::size_t places) {
  Multiples* const multiples = sheet.multiples();
  if (multiples != nullptr && multiples->bands)
    return bands_of_whole(*multiples->bands, candidates);
  std::vector<std::size_t> order(candidates.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (order.size() > places) {
    std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
      return candidates[one].weight > candidates[other].weight;
    });
    order.resize(places);
    std::sort(order.begin(), order.end());
  }
  const Order asked = sheet.request().order;
  std::vector<std::string> names;
  names.reserve(candidates.size());
  for (const BandCandidate& candidate : candidates)
    names.push_back(candidate.name);
  const NameOrder by_name{names};
  std::stable_sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    if (asked == Order::given) return false;
    if (asked == Order::name) return by_name(one, other);
    return candidates[one].value > candidates[other].value;
  });
  std::vector<ChosenBand> chosen;
  chosen.reserve(order.size());
  for (const std::size_t index : order)
    chosen.push_back({candidates[index].name, index});
  if (multiples != nullptr) {
    multiples->bands.emplace();
    for (const ChosenBand& band : chosen)
      multiples->bands->push_back(band.name);
  }
  return chosen;
}

double width_of_names(Sheet& sheet, const std::vector<Band>& bands) {
  double width = 0;
  for (const Band& band : bands) {
    width = std::max(width, sheet.measure(clean_text(band.name, 400), sheet.label_face()).width);
    width = std::max(width, sheet.measure(band.note, sheet.tick_face()).width);
  }
  if (Multiples* const multiples = sheet.multiples(); multiples != nullptr) {
    multiples->names_width =
        std::max(multiples->names_width, std::min(width + 0.01, multiples->names_width_max));
    return 0;
  }
  return std::min(width + 0.01, sheet.room().width() * 0.34);
}

std::vector<double> middles_of(std::size_t bands, double top, double bottom) {
  std::vector<double> middles;
  const double height = (bottom - top) / double(std::max<std::size_t>(bands, 1));
  middles.reserve(bands);
  for (std::size_t index = 0; index < bands; ++index)
    middles.push_back(top + (double(index) + 0.5) * height);
  return middles;
}

void put_names(Sheet& sheet, const std::vector<Band>& bands, const std::vector<double>& middles,
               double right, double width, const std::string& column) {
  const Look& look = sheet.look();
  const double height = band_height(middles, sheet.room());
  const Multiples* const multiples = sheet.multiples();
  if (multiples != nullptr) {
    right = sheet.room().left - label_gap;
    width = multiples->names_width;
  }
  for (std::size_t index = 0; index < bands.size(); ++index) {
    const Band& band = bands[index];
    if (!sheet.place().leftmost) continue;
    const bool two = multiples == nullptr && !band.note.empty() && height >= two_lines_from;
    const double middle = middles[index] - (two ? 8 : 0);
    sheet.centred_text("category", band.name, sheet.label_face(), look.ink, right, middle,
                       Anchor::end, width);
    if (two) {
      sheet.centred_text("note", band.note, sheet.tick_face(), look.muted, right, middle + 16,
                         Anchor::end, width);
    }
  }
  if (bands.empty()) return;
  sheet.add(Axis{"y", ScaleKind::band, 0, double(bands.size()), middles.front() - height / 2,
                 middles.back() + height / 2, column, ""});
}

}  // namespace cauce::charts::drawing
