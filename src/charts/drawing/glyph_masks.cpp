#include "charts/drawing/glyph_masks.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "charts/drawing/lay_over.h"

namespace cauce::charts::drawing {

namespace {

constexpr int phases = 4;                // of a device pixel, along each side
constexpr std::size_t masks_max = 8192;  // kept, some hundred bytes each; then all are forgotten

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
struct Unreference {
  void operator()(PangoFont* font) const { g_object_unref(font); }
};

// What a glyph covers, and where that begins beside the device pixel of its origin.
struct Mask {
  std::unique_ptr<cairo_surface_t, Destroy> coverage;  // none: the glyph is blank
  int left = 0, top = 0;
};

struct Place {
  double ratio;  // device pixels of a CSS pixel
  int phase_x, phase_y;
};

Mask mask_of(PangoFont* font, PangoGlyph glyph, const Place& place) {
  PangoRectangle ink;
  pango_font_get_glyph_extents(font, glyph, &ink, nullptr);
  if (ink.width <= 0 || ink.height <= 0) return {};
  const double x = (place.phase_x + 0.5) / phases;
  const double y = (place.phase_y + 0.5) / phases;
  const double unit = place.ratio / PANGO_SCALE;
  const int left = int(std::floor(ink.x * unit + x)) - 1;
  const int top = int(std::floor(ink.y * unit + y)) - 1;
  const int right = int(std::ceil((ink.x + ink.width) * unit + x)) + 1;
  const int bottom = int(std::ceil((ink.y + ink.height) * unit + y)) + 1;
  Mask mask{{}, left, top};
  mask.coverage.reset(cairo_image_surface_create(CAIRO_FORMAT_A8, right - left, bottom - top));
  const std::unique_ptr<cairo_t, Destroy> target{cairo_create(mask.coverage.get())};
  cairo_translate(target.get(), x - left, y - top);
  cairo_scale(target.get(), place.ratio, place.ratio);
  PangoGlyphInfo one{};
  one.glyph = glyph;
  int cluster = 0;
  PangoGlyphString alone{};
  alone.num_glyphs = 1;
  alone.glyphs = &one;
  alone.log_clusters = &cluster;
  cairo_move_to(target.get(), 0, 0);
  pango_cairo_glyph_string_path(target.get(), font, &alone);
  cairo_fill(target.get());
  return mask;
}

}  // namespace

class GlyphMasks::Kept {
 public:
  const Mask& of(PangoFont* font, PangoGlyph glyph, const Place& place) {
    if (count_ >= masks_max) {
      fonts_.clear();
      count_ = 0;
    }
    const auto key = std::uint64_t{glyph} << 8 | std::uint64_t(place.phase_y * phases) |
                     std::uint64_t(place.phase_x);
    const auto [found, is_new] = of_font(font, place.ratio).masks.try_emplace(key);
    if (is_new) {
      found->second = mask_of(font, glyph, place);
      ++count_;
    }
    return found->second;
  }

 private:
  struct Font {
    std::unique_ptr<PangoFont, Unreference> font;
    double ratio;
    std::unordered_map<std::uint64_t, Mask> masks;
  };

  Font& of_font(PangoFont* font, double ratio) {
    const auto found = std::find_if(fonts_.begin(), fonts_.end(), [&](const Font& known) {
      return known.font.get() == font && known.ratio == ratio;
    });
    if (found != fonts_.end()) return *found;
    g_object_ref(font);
    ++count_;
    fonts_.push_back({std::unique_ptr<PangoFont, Unreference>(font), ratio, {}});
    return fonts_.back();
  }

  std::vector<Font> fonts_;
  std::size_t count_ = 0;  // of masks and fonts
};

GlyphMasks::GlyphMasks() : kept_(std::make_unique<Kept>()) {}

GlyphMasks::~GlyphMasks() = default;

void GlyphMasks::put(cairo_t* target, PangoFont* font, const PangoGlyphString* glyphs, double x,
                     double baseline, Colour colour) {
  double ratio = 1;
  double unused = 0;
  cairo_user_to_device_distance(target, &ratio, &unused);
  for (int index = 0; index < glyphs->num_glyphs; ++index) {
    const PangoGlyphInfo& info = glyphs->glyphs[index];
    double left = x + double(info.geometry.x_offset) / PANGO_SCALE;
    double top = baseline + double(info.geometry.y_offset) / PANGO_SCALE;
    x += double(info.geometry.width) / PANGO_SCALE;
    if (info.glyph == PANGO_GLYPH_EMPTY) continue;
    cairo_user_to_device(target, &left, &top);
    const double column = std::floor(left);
    const double row = std::floor(top);
    const Mask& mask = kept_->of(font, info.glyph,
                                 {ratio, std::min(int((left - column) * phases), phases - 1),
                                  std::min(int((top - row) * phases), phases - 1)});
    if (!mask.coverage) continue;
    lay_over(cairo_get_target(target), mask.coverage.get(), colour, int(column) + mask.left,
             int(row) + mask.top);
  }
}

}  // namespace cauce::charts::drawing
