#include "charts/drawing/typesetter.h"

#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/invariant.h"
#include "charts/drawing/clean_text.h"

namespace cauce::charts::drawing {

namespace {

// Of any text that is measured as one line: no line of a chart shows more.
constexpr std::size_t characters_max = 2'000;
constexpr std::size_t layouts_max = 2'000;  // kept; then all are forgotten

constexpr const char* families = "Inter, Noto Sans, DejaVu Sans, sans-serif";

struct FontFiles {
  const char* regular;
  const char* bold;
};

constexpr std::array<FontFiles, 3> own_fonts{
    {{"/usr/share/fonts/opentype/inter/Inter-Regular.otf",
      "/usr/share/fonts/opentype/inter/Inter-Bold.otf"},
     {"/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
      "/usr/share/fonts/truetype/noto/NotoSans-Bold.ttf"},
     {"/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
      "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"}}};

FcConfig* open_own_fonts() {
  for (const FontFiles& files : own_fonts) {
    if (access(files.regular, R_OK) != 0 || access(files.bold, R_OK) != 0) continue;
    FcConfig* config = FcConfigCreate();
    for (const char* file : {files.regular, files.bold})
      FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(file));
    return config;
  }
  return nullptr;
}

struct Unreference {
  void operator()(void* object) const { g_object_unref(object); }
};
template <class Object>
using Owned = std::unique_ptr<Object, Unreference>;

// A context of one set of fonts.
Owned<PangoContext> context_with(FcConfig* config) {
  Owned<PangoFontMap> map{pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT)};
  INVARIANT(map != nullptr);
  if (config != nullptr) pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map.get()), config);
  Owned<PangoContext> context{pango_font_map_create_context(map.get())};
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(context.get(), options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(context.get(), FALSE);
  pango_context_set_base_dir(context.get(), PANGO_DIRECTION_LTR);
  return context;
}

// Fonts of coloured pictures have no outlines to fill.
bool has_outlines(const PangoFont* font) {
  PangoFontDescription* description = pango_font_describe(const_cast<PangoFont*>(font));
  const char* family = pango_font_description_get_family(description);
  const bool emoji =
      family != nullptr && std::string_view(family).find("Emoji") != std::string::npos;
  pango_font_description_free(description);
  return !emoji;
}

}  // namespace

class Typesetter::Fonts {
 public:
  PangoLayout* layout(std::string_view text, Face face) {
    key_.assign(text.substr(0, beginning(text, characters_max).size()));
    key_ += '\n';
    key_ += std::to_string(int(face.size * 8) * 2 + int(face.weight));
    const auto found = layouts_.find(key_);
    if (found != layouts_.end()) return found->second.get();
    if (layouts_.size() >= layouts_max) layouts_.clear();
    Owned<PangoLayout> made = make(beginning(text, characters_max), face);
    return layouts_.emplace(key_, std::move(made)).first->second.get();
  }

 private:
  Owned<PangoLayout> make(std::string_view text, Face face) {
    if (!own_) own_ = context_with(own_config());
    Owned<PangoLayout> layout = laid_out(*own_, text, face);
    if (pango_layout_get_unknown_glyphs_count(layout.get()) == 0) return layout;
    if (!all_) all_ = context_with(nullptr);
    return laid_out(*all_, text, face);
  }

  // Shared by all threads: it is not changed once it is made.
  static FcConfig* own_config() {
    static FcConfig* const config = open_own_fonts();
    return config;
  }

  static Owned<PangoLayout> laid_out(PangoContext& context, std::string_view text, Face face) {
    Owned<PangoLayout> layout{pango_layout_new(&context)};
    PangoFontDescription* description = pango_font_description_new();
    pango_font_description_set_family_static(description, families);
    pango_font_description_set_absolute_size(description, face.size * PANGO_SCALE);
    if (face.weight == Weight::bold)
      pango_font_description_set_weight(description, PANGO_WEIGHT_BOLD);
    pango_layout_set_font_description(layout.get(), description);
    pango_font_description_free(description);
    pango_layout_set_single_paragraph_mode(layout.get(), TRUE);
    // What a browser does with a line whose direction nobody told it.
    pango_layout_set_auto_dir(layout.get(), FALSE);
    pango_layout_set_text(layout.get(), text.data(), int(text.size()));
    return layout;
  }

  Owned<PangoContext> own_;
  Owned<PangoContext> all_;
  std::unordered_map<std::string, Owned<PangoLayout>> layouts_;
  std::string key_;
};

Typesetter::Typesetter() : fonts_(std::make_unique<Fonts>()) {}

Typesetter::~Typesetter() = default;

Extent Typesetter::measure(std::string_view text, Face face) {
  PangoLayout* layout = fonts_->layout(text, face);
  PangoRectangle logical;
  pango_layout_get_extents(layout, nullptr, &logical);
  const double baseline = pango_layout_get_baseline(layout);
  return {double(logical.width) / PANGO_SCALE, baseline / PANGO_SCALE,
          (logical.height - baseline) / PANGO_SCALE};
}

std::size_t Typesetter::unshown(std::string_view text, Face face) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char letter) { return letter > 0; });
  if (plain) return 0;
  return std::size_t(pango_layout_get_unknown_glyphs_count(fonts_->layout(text, face)));
}

std::string Typesetter::shortened(std::string_view text, Face face, double width_max) {
  const bool endless = beginning(text, characters_max).size() < text.size();
  if (!endless && measure(text, face).width <= width_max) return std::string(text);
  // The longest beginning that has room, found by halves.
  std::size_t shown = 0;
  std::size_t too_many = std::min(count_characters(text), characters_max);
  const auto with_ellipsis = [&](std::size_t characters) {
    std::string_view part = beginning(text, characters);
    while (!part.empty() && part.back() == ' ')
      part.remove_suffix(1);
    return std::string(part) + "\u2026";
  };
  while (shown + 1 < too_many) {
    const std::size_t middle = (shown + too_many) / 2;
    (measure(with_ellipsis(middle), face).width <= width_max ? shown : too_many) = middle;
  }
  return shown == 0 ? "" : with_ellipsis(shown);
}

std::vector<std::string> Typesetter::wrapped(std::string_view text, Face face, double width_max,
                                             std::size_t lines_max) {
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (!rest.empty() && lines.size() + 1 < lines_max) {
    if (measure(rest, face).width <= width_max && rest.size() < characters_max) break;
    std::size_t end = 0;
    for (std::size_t space = rest.find(' '); space != std::string_view::npos;
         space = rest.find(' ', space + 1)) {
      if (measure(rest.substr(0, space), face).width > width_max) break;
      end = space;
    }
    if (end == 0) break;  // one word that is too long: shortened below
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  if (!rest.empty()) lines.push_back(shortened(rest, face, width_max));
  return lines;
}

void Typesetter::fill(cairo_t* target, const Text& text) {
  PangoLayout* layout = fonts_->layout(text.shown, text.face);
  double x = text.x;
  for (GSList* run = pango_layout_get_line_readonly(layout, 0)->runs; run != nullptr;
       run = run->next) {
    const auto* item = static_cast<PangoGlyphItem*>(run->data);
    PangoFont* font = item->item->analysis.font;
    if (has_outlines(font)) {
      masks_.put(target, font, item->glyphs, x, text.baseline, text.colour);
    } else {
      cairo_move_to(target, x, text.baseline);
      pango_cairo_show_glyph_string(target, font, item->glyphs);
      cairo_new_path(target);
    }
    x += double(pango_glyph_string_get_width(item->glyphs)) / PANGO_SCALE;
  }
}

void Typesetter::write(cairo_t* target, const Text& text) {
  cairo_move_to(target, text.x, text.baseline);
  pango_cairo_show_layout_line(
      target, pango_layout_get_line_readonly(fonts_->layout(text.shown, text.face), 0));
}

}  // namespace cauce::charts::drawing
