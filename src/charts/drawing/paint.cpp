#include "charts/drawing/paint.h"

#include <cairo-pdf.h>
#include <cairo.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "charts/drawing/thinned.h"

namespace cauce::charts::drawing {

namespace {

constexpr double points_of_a_pixel = 0.75;  // 96 CSS pixels and 72 points to the inch

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
struct DestroyContext {
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, DestroySurface>;
using Context = std::unique_ptr<cairo_t, DestroyContext>;

// In pixels of the scene: at the largest ratio a twentieth of a pixel of the picture.
constexpr double unseen = 0.02;

class Painter {
 public:
  // With stamps it is an image; without, all outlines stay outlines.
  Painter(cairo_t* target, Typesetter& typesetter, Stamps* stamps)
      : target_(target), typesetter_(typesetter), stamps_(stamps) {}

  void operator()(const Rectangle& rectangle) {
    cairo_rectangle(target_, rectangle.x, rectangle.y, rectangle.width, rectangle.height);
    use(rectangle.fill);
    cairo_fill_preserve(target_);
    finish(rectangle.stroke, rectangle.stroke_width);
  }

  void operator()(const Line& line) {
    cairo_move_to(target_, line.x1, line.y1);
    cairo_line_to(target_, line.x2, line.y2);
    finish(line.colour, line.width);
  }

  void operator()(const Path& path) {
    for (const Vertex& vertex : stamps_ != nullptr ? thinned(path.vertices, unseen) : path.vertices)
      cairo_line_to(target_, vertex.x, vertex.y);
    if (path.closed) cairo_close_path(target_);
    if (path.fill) {
      use(*path.fill);
      cairo_fill_preserve(target_);
    }
    cairo_set_line_join(target_, CAIRO_LINE_JOIN_ROUND);
    finish(path.stroke, path.stroke_width);
  }

  void operator()(const Ticks& ticks) {
    for (const double x : ticks.x) {
      cairo_move_to(target_, x, ticks.y);
      cairo_line_to(target_, x, ticks.y + ticks.height);
    }
    finish(ticks.colour, ticks.width);
  }

  void operator()(const Marker& marker) {
    if (stamps_ != nullptr) return stamps_->put(target_, marker);
    draw_shape(target_, marker.shape, marker.x, marker.y, marker.radius, marker.fill,
               marker.outline);
  }

  void operator()(const Cloud& cloud) {
    if (stamps_ != nullptr) return stamps_->put(target_, cloud);
    for (const Spot& spot : cloud.spots) {
      const SpotStyle& style = cloud.styles[spot.style];
      draw_shape(target_, style.shape, spot.x, spot.y, cloud.radius_of(style), style.fill,
                 cloud.outline);
    }
  }

  void operator()(const Raster& raster) {
    const Surface image{
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, int(raster.across), int(raster.down))};
    if (cairo_surface_status(image.get()) != CAIRO_STATUS_SUCCESS) return;
    const auto stride = std::size_t(cairo_image_surface_get_stride(image.get()));
    unsigned char* bytes = cairo_image_surface_get_data(image.get());
    for (std::uint32_t y = 0; y < raster.down; ++y) {
      auto* row = reinterpret_cast<std::uint32_t*>(bytes + y * stride);
      for (std::uint32_t x = 0; x < raster.across; ++x) {
        const Colour& colour = raster.colours[raster.indices[std::size_t{y} * raster.across + x]];
        row[x] = colour.alpha == 0 ? 0
                                   : 0xff000000U | std::uint32_t(colour.red) << 16 |
                                         std::uint32_t(colour.green) << 8 | colour.blue;
      }
    }
    cairo_surface_mark_dirty(image.get());
    cairo_save(target_);
    cairo_translate(target_, raster.x, raster.y);
    cairo_scale(target_, raster.width / raster.across, raster.height / raster.down);
    cairo_set_source_surface(target_, image.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(target_), CAIRO_FILTER_NEAREST);
    cairo_paint(target_);
    cairo_restore(target_);
  }

  void operator()(const Text& text) {
    use(text.colour);
    if (stamps_ != nullptr) {
      typesetter_.fill(target_, text);
    } else {
      typesetter_.write(target_, text);
    }
  }

 private:
  void use(Colour colour) {
    cairo_set_source_rgba(target_, colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0,
                          colour.alpha);
  }

  void finish(const std::optional<Colour>& stroke, double width) {
    if (stroke) {
      use(*stroke);
      cairo_set_line_width(target_, width);
      cairo_stroke(target_);
    }
    cairo_new_path(target_);
  }

  cairo_t* const target_;
  Typesetter& typesetter_;
  Stamps* const stamps_;
};

void draw(const Scene& scene, cairo_t* target, Typesetter& typesetter, Stamps* stamps) {
  Painter painter{target, typesetter, stamps};
  painter(Rectangle{0, 0, scene.width, scene.height, scene.ground, {}, 1, {}});
  for (const Item& item : scene.items)
    std::visit(painter, item);
}

cairo_status_t append(void* target, const unsigned char* bytes, unsigned count) {
  static_cast<Bytes*>(target)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

Error failed(cairo_status_t status, const char* what) {
  return {Outcome::exhausted, std::string("cannot draw the chart as ") + what + ": " +
                                  cairo_status_to_string(status) + "; try a smaller picture"};
}

}  // namespace

Result<Picture> paint(const Scene& scene, int ratio, Typesetter& typesetter, Stamps& stamps) {
  Picture picture;
  picture.width = std::uint32_t(std::lround(scene.width * ratio));
  picture.height = std::uint32_t(std::lround(scene.height * ratio));
  // Not cleared: the ground covers everything.
  picture.row_by_row = std::make_unique_for_overwrite<std::uint32_t[]>(picture.pixels().size());
  const Surface surface{cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(picture.row_by_row.get()), CAIRO_FORMAT_RGB24,
      int(picture.width), int(picture.height), int(picture.width) * 4)};
  const Context context{cairo_create(surface.get())};
  cairo_scale(context.get(), ratio, ratio);
  draw(scene, context.get(), typesetter, &stamps);
  cairo_surface_flush(surface.get());
  if (const cairo_status_t status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS)
    return failed(status, "PNG");
  return picture;
}

Result<Bytes> write_pdf(const Scene& scene, Typesetter& typesetter) {
  Bytes pdf;
  const Surface surface{cairo_pdf_surface_create_for_stream(
      append, &pdf, scene.width * points_of_a_pixel, scene.height * points_of_a_pixel)};
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, scene.title.c_str());
  // Without the moment, so that the same chart is the same file.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, nullptr);
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_SUBJECT,
                                 scene.description.c_str());
  const Context context{cairo_create(surface.get())};
  cairo_scale(context.get(), points_of_a_pixel, points_of_a_pixel);
  draw(scene, context.get(), typesetter, nullptr);
  cairo_show_page(context.get());
  cairo_surface_finish(surface.get());
  if (const cairo_status_t status = cairo_status(context.get()); status != CAIRO_STATUS_SUCCESS)
    return failed(status, "PDF");
  return pdf;
}

}  // namespace cauce::charts::drawing
