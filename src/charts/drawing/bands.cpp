#include "charts/drawing/bands.h"

#include <algorithm>

#include "charts/drawing/clean_text.h"

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

double width_of_names(Sheet& sheet, const std::vector<Band>& bands) {
  double width = 0;
  for (const Band& band : bands) {
    width = std::max(width, sheet.measure(clean_text(band.name, 400), sheet.label_face()).width);
    width = std::max(width, sheet.measure(band.note, sheet.tick_face()).width);
  }
  return std::min(width + 0.01, sheet.room().width() * 0.34);
}

std::vector<double> middles_of(std::size_t bands, double top, double bottom) {
  std::vector<double> middles;
  const double height = (bottom - top) / double(std::max<std::size_t>(bands, 1));
  for (std::size_t index = 0; index < bands; ++index)
    middles.push_back(top + (double(index) + 0.5) * height);
  return middles;
}

void put_names(Sheet& sheet, const std::vector<Band>& bands, const std::vector<double>& middles,
               double right, double width, const std::string& column) {
  const Look& look = sheet.look();
  const double height = band_height(middles, sheet.room());
  for (std::size_t index = 0; index < bands.size(); ++index) {
    const Band& band = bands[index];
    const bool two = !band.note.empty() && height >= two_lines_from;
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
