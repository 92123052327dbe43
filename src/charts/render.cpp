#include "charts/render.h"

#include <fmt/core.h>

#include <algorithm>

#include "charts/drawing/annotations.h"
#include "charts/drawing/group_colours.h"
#include "charts/drawing/kinds.h"
#include "charts/drawing/paint.h"
#include "charts/drawing/palette.h"
#include "charts/drawing/panels.h"
#include "charts/drawing/png.h"
#include "charts/drawing/svg.h"
#include "charts/vega_lite.h"

namespace cauce::charts {

namespace {

Result<void> check(const Request& request) {
  for (const int side : {request.width_px, request.height_px}) {
    if (side >= side_px_min && side <= side_px_max) continue;
    return Error{Outcome::invalid,
                 fmt::format("a chart is {} to {} pixels wide and high, not {}; ask for a size "
                             "within",
                             side_px_min, side_px_max, side)};
  }
  if (request.ratio >= 1 && request.ratio <= 3) return {};
  return Error{Outcome::invalid,
               fmt::format("the ratio of a picture is 1, 2 or 3, not {}", request.ratio)};
}

Result<drawing::Scene> compose(const Figures& figures, const Request& request,
                               drawing::Typesetter& typesetter) {
  drawing::Sheet sheet{figures, request, typesetter};
  const auto draw = [](drawing::Sheet& target) {
    std::visit([&](const auto& kind) { drawing::draw(target, kind); }, target.figures().of);
  };
  if (figures.panels.empty()) {
    draw(sheet);
  } else {
    drawing::draw_small_multiples(sheet, draw);
  }
  drawing::put_annotations(sheet);
  const drawing::Look look = sheet.look();
  drawing::Scene scene = sheet.finish();
  if (!request.highlight.empty() && !drawing::highlight(scene.items, request.highlight, look)) {
    return Error{Outcome::invalid,
                 fmt::format("this chart draws no group \"{}\" that could stand out: write the "
                             "name of one as the table has it",
                             request.highlight.substr(0, 64))};
  }
  scene.description = alternative_text(figures, request);
  return scene;
}

// What a palette must keep as it is: the colours of cells, which stand for numbers.
std::vector<drawing::Colour> colours_of_cells(const drawing::Scene& scene) {
  std::vector<drawing::Colour> colours{scene.ground};
  for (const drawing::Item& item : scene.items) {
    const auto* raster = std::get_if<drawing::Raster>(&item);
    if (raster == nullptr) continue;
    for (const drawing::Colour& colour : raster->colours) {
      const bool known = std::find(colours.begin(), colours.end(), colour) != colours.end();
      if (colour.alpha == 1 && !known) colours.push_back(colour);
    }
  }
  return colours;
}

std::uint64_t without_font(const drawing::Scene& scene, drawing::Typesetter& typesetter) {
  std::uint64_t characters = 0;
  for (const drawing::Item& item : scene.items) {
    if (const auto* text = std::get_if<drawing::Text>(&item))
      characters += typesetter.unshown(text->shown, text->face);
  }
  return characters;
}

// Opening fonts costs more than a chart, and they belong to one thread.
drawing::Typesetter& typesetter_of_thread() {
  static thread_local drawing::Typesetter typesetter;
  return typesetter;
}

Result<void> check(const Figures& figures, const Request& request) {
  if (auto checked = check(request); !checked) return checked;
  return drawing::check_around(figures, request);
}

Result<Bytes> render_png(const drawing::Scene& scene, int ratio, drawing::Typesetter& typesetter) {
  // Markers are drawn once and kept; that too belongs to one thread.
  static thread_local drawing::Stamps stamps;
  const Result<drawing::Picture> picture = drawing::paint(scene, ratio, typesetter, stamps);
  if (!picture) return picture.error();
  const drawing::IndexedPixels indexed =
      drawing::with_palette(picture->pixels(), colours_of_cells(scene));
  return drawing::encode_png(picture->width, picture->height, indexed.indices, indexed.colours,
                             ratio);
}

}  // namespace

Result<Bytes> render(const Figures& figures, const Request& request, Format format,
                     std::uint64_t& characters_without_font) {
  characters_without_font = 0;
  const Result<void> checked = check(figures, request);
  if (!checked) return checked.error();
  if (format == Format::vega_lite) return to_vega_lite(figures, request);
  drawing::Typesetter& typesetter = typesetter_of_thread();
  const Result<drawing::Scene> scene = compose(figures, request, typesetter);
  if (!scene) return scene.error();
  characters_without_font = without_font(*scene, typesetter);
  if (format == Format::svg) return drawing::write_svg(*scene);
  if (format == Format::pdf) return drawing::write_pdf(*scene, typesetter);
  return render_png(*scene, request.ratio, typesetter);
}

Result<std::uint64_t> characters_without_font(const Figures& figures, const Request& request) {
  const Result<void> checked = check(figures, request);
  if (!checked) return checked.error();
  drawing::Typesetter& typesetter = typesetter_of_thread();
  const Result<drawing::Scene> scene = compose(figures, request, typesetter);
  if (!scene) return scene.error();
  return without_font(*scene, typesetter);
}

Result<Bytes> render(const Figures& figures, const Request& request, Format format) {
  std::uint64_t characters_without_font = 0;
  return render(figures, request, format, characters_without_font);
}

}  // namespace cauce::charts
