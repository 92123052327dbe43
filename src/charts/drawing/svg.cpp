#include "charts/drawing/svg.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/png.h"
#include "charts/drawing/snapshot.h"
#include "charts/drawing/stamps.h"

namespace cauce::charts::drawing {

namespace {

constexpr const char* font_family =
    "Inter, 'Noto Sans', 'DejaVu Sans', system-ui, 'Segoe UI', Roboto, Helvetica, Arial, "
    "sans-serif";

constexpr std::size_t name_characters_max = 200;
constexpr std::size_t title_characters_max = 2'000;

// Hundredths of a pixel, without trailing zeros.
std::string px(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0')
    text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string base64(BytesView bytes) {
  static constexpr char letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t index = 0; index < bytes.size(); index += 3) {
    std::uint32_t group = 0;
    for (std::size_t part = 0; part < 3; ++part) {
      const bool there = index + part < bytes.size();
      group = (group << 8) | (there ? static_cast<unsigned char>(bytes[index + part]) : 0U);
    }
    for (std::size_t part = 0; part < 4; ++part) {
      const bool there = index + part <= bytes.size();
      text += there ? letters[(group >> (18 - 6 * part)) & 63] : '=';
    }
  }
  return text;
}

constexpr double pixels_of_raster = 1'600'000;

// Each cell as a square of pixels, about two for one of the picture: not every viewer draws few
// pixels as cells with edges, some blur them.
Bytes enlarged(const Raster& raster) {
  const double wanted = std::ceil(2 * raster.width / std::max(1.0, double(raster.across)));
  const double most = std::sqrt(pixels_of_raster / std::max(1.0, double(raster.indices.size())));
  const auto times = std::uint32_t(std::clamp(std::min(wanted, most), 1.0, 64.0));
  const std::uint32_t across = raster.across * times;
  std::vector<std::uint8_t> indices;
  indices.reserve(std::size_t{across} * raster.down * times);
  for (std::uint32_t row = 0; row < raster.down * times; ++row) {
    for (std::uint32_t column = 0; column < across; ++column)
      indices.push_back(raster.indices[std::size_t{row / times} * raster.across + column / times]);
  }
  return encode_png(across, raster.down * times, indices, raster.colours, 1);
}

// Names of groups are written with each of their marks.
std::string bounded(const std::string& name) {
  if (name.size() <= name_characters_max) return name;
  const std::string valid = valid_text(name);
  const std::string_view begin = beginning(valid, name_characters_max);
  return std::string(begin) + (begin.size() < valid.size() ? "\u2026" : "");
}

std::string_view name_of(ScaleKind kind) {
  switch (kind) {
    case ScaleKind::linear: return "linear";
    case ScaleKind::logarithmic: return "log";
    case ScaleKind::symmetric: return "symlog";
    case ScaleKind::time: return "time";
    case ScaleKind::band: return "band";
  }
  return "linear";
}

class Writer {
 public:
  explicit Writer(const Scene& scene) : scene_(scene) {}

  Result<Bytes> write() {
    begin();
    for (const Axis& axis : scene_.axes)
      put(axis);
    for (const Item& item : scene_.items)
      std::visit(*this, item);
    out_ += "</svg>\n";
    if (failure_) return *failure_;
    return std::move(out_);
  }

  void operator()(const Rectangle& rectangle) {
    open("rect", rectangle.meaning);
    number("x", rectangle.x);
    number("y", rectangle.y);
    number("width", rectangle.width);
    number("height", rectangle.height);
    paint("fill", rectangle.fill);
    if (rectangle.stroke) stroke(*rectangle.stroke, rectangle.stroke_width);
    close("rect", rectangle.meaning.title);
  }

  void operator()(const Line& line) {
    open("line", line.meaning);
    number("x1", line.x1);
    number("y1", line.y1);
    number("x2", line.x2);
    number("y2", line.y2);
    stroke(line.colour, line.width);
    close("line", line.meaning.title);
  }

  void operator()(const Path& path) {
    open("path", path.meaning);
    for (const Measures& measures : path.measures)
      numbers(measures);
    out_ += " d=\"";
    char command = 'M';
    for (const Vertex& vertex : path.vertices) {
      out_ += command;
      out_ += px(vertex.x) + " " + px(vertex.y);
      command = 'L';
    }
    if (path.closed) out_ += 'Z';
    out_ += '"';
    if (path.fill) {
      paint("fill", *path.fill);
    } else {
      out_ += " fill=\"none\"";
    }
    if (path.stroke) stroke(*path.stroke, path.stroke_width);
    out_ += " stroke-linejoin=\"round\"";
    close("path", path.meaning.title);
  }

  void operator()(const Ticks& ticks) {
    open("path", ticks.meaning);
    out_ += " d=\"";
    for (const double x : ticks.x)
      out_ += "M" + px(x) + " " + px(ticks.y) + "v" + px(ticks.height);
    out_ += '"';
    stroke(ticks.colour, ticks.width);
    close("path", ticks.meaning.title);
  }

  void operator()(const Marker& marker) {
    open("path", marker.meaning);
    shape(marker.shape, marker.x, marker.y, marker.radius, marker.fill, marker.outline);
    number("data-cx", marker.x);
    number("data-cy", marker.y);
    close("path", marker.meaning.title);
  }

  void operator()(const Cloud& cloud) {
    if (cloud.pictured || cloud.spots.size() > svg_spots_max) {
      put_snapshot(cloud);
      return;
    }
    const std::string prefix = fmt::format("p{}-", clouds_++);
    out_ += "<defs>";
    for (std::size_t index = 0; index < cloud.styles.size(); ++index) {
      const SpotStyle& style = cloud.styles[index];
      out_ += fmt::format("<path id=\"{}{}\"", prefix, index);
      shape(style.shape, 0, 0, cloud.radius_of(style), style.fill, cloud.outline);
      out_ += "/>";
    }
    out_ += "</defs>\n";
    open("g", cloud.meaning);
    out_ += ">\n";
    for (const Spot& spot : cloud.spots) {
      out_ += fmt::format("<use href=\"#{}{}\" x=\"{}\" y=\"{}\" data-x=\"{}\" data-y=\"{}\"",
                          prefix, spot.style, px(spot.x), px(spot.y), spot.data_x, spot.data_y);
      const auto& [shape, fill, group, shape_group, radius] = cloud.styles[spot.style];
      if (!group.empty()) attribute("data-group", bounded(group));
      if (!shape_group.empty()) attribute("data-shape", bounded(shape_group));
      if (cloud.sized) {
        attribute("data-size", std::isnan(spot.data_size) ? "" : exact_text(spot.data_size));
        number("data-radius", cloud.radius_of(cloud.styles[spot.style]));
      }
      out_ += "/>\n";
    }
    out_ += "</g>\n";
  }

  void operator()(const Raster& raster) {
    open("image", raster.meaning);
    number("x", raster.x);
    number("y", raster.y);
    number("width", raster.width);
    number("height", raster.height);
    put_png(enlarged(raster));
    // SVG 1.1 and CSS have each a word of their own for it.
    out_ += " image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\"";
    close("image", raster.meaning.title);
  }

  void operator()(const Text& text) {
    if (text.shown.empty()) return;
    open("text", text.meaning);
    number("x", text.x);
    number("y", text.baseline);
    number("font-size", text.face.size);
    if (text.face.weight == Weight::bold) out_ += " font-weight=\"700\"";
    number("textLength", text.width);
    out_ += " lengthAdjust=\"spacingAndGlyphs\"";
    paint("fill", text.colour);
    out_ += '>';
    if (!text.full.empty())
      out_ += "<title>" + escaped(beginning(text.full, title_characters_max)) + "</title>";
    out_ += escaped(text.shown) + "</text>\n";
  }

 private:
  void begin() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" role=\"img\" aria-labelledby=\"chart-title chart-description\" "
        "lang=\"{2}\" font-family=\"{3}\">\n",
        px(scene_.width), px(scene_.height), escaped(scene_.language), font_family);
    out_ += "<title id=\"chart-title\">" + escaped(scene_.title) + "</title>\n";
    out_ += "<desc id=\"chart-description\">" + escaped(scene_.description) + "</desc>\n";
    out_ += "<rect data-role=\"ground\"";
    number("width", scene_.width);
    number("height", scene_.height);
    paint("fill", scene_.ground);
    out_ += "/>\n";
  }

  void put(const Axis& axis) {
    out_ += "<g";
    attribute("data-axis", axis.name);
    attribute("data-scale", name_of(axis.kind));
    attribute("data-domain", exact_text(axis.domain_low) + "," + exact_text(axis.domain_high));
    attribute("data-range", px(axis.range_low) + "," + px(axis.range_high));
    if (!axis.column.empty()) attribute("data-column", axis.column);
    if (!axis.panel.empty()) attribute("data-panel", axis.panel);
    out_ += "/>\n";
  }

  void open(std::string_view element, const Meaning& meaning) {
    out_ += '<';
    out_ += element;
    if (!meaning.role.empty()) attribute("data-role", meaning.role);
    for (const auto& [name, value] : meaning.attributes)
      attribute(name, bounded(value));
  }

  void close(std::string_view element, const std::string& title) {
    if (title.empty()) {
      out_ += "/>\n";
      return;
    }
    out_ += "><title>" + escaped(beginning(title, title_characters_max)) + "</title></";
    out_ += element;
    out_ += ">\n";
  }

  void attribute(std::string_view name, std::string_view value) {
    out_ += ' ';
    out_ += name;
    out_ += "=\"" + escaped(value) + "\"";
  }

  void numbers(const Measures& measures) {
    std::string text;
    for (const double value : measures.values)
      text += (text.empty() ? "" : " ") + exact_text(value);
    attribute(measures.name, text);
  }

  void number(std::string_view name, double value) { attribute(name, px(value)); }

  void paint(std::string_view what, Colour colour) {
    attribute(what, to_hex(colour));
    if (colour.alpha < 1) attribute(std::string(what) + "-opacity", px(colour.alpha));
  }

  void stroke(Colour colour, double width) {
    paint("stroke", colour);
    number("stroke-width", width);
  }

  void shape(Shape shape, double x, double y, double radius, Colour fill, Colour outline) {
    out_ += " d=\"" + path_of(shape, x, y, radius) + "\"";
    if (shape == Shape::ring) {
      out_ += " fill=\"none\"";
      stroke(fill, ring_width);
    } else {
      paint("fill", fill);
      if (outline.alpha > 0) stroke(outline, outline_width);
    }
  }

  static std::string path_of(Shape shape, double x, double y, double radius) {
    if (shape == Shape::circle || shape == Shape::ring) {
      return fmt::format("M{0} {1}a{2} {2} 0 1 0 {3} 0a{2} {2} 0 1 0 {4} 0Z", px(x - radius), px(y),
                         px(radius), px(2 * radius), px(-2 * radius));
    }
    std::string path;
    for (const Vertex& corner : corners_of(shape, radius)) {
      path += path.empty() ? "M" : "L";
      path += px(x + corner.x) + " " + px(y + corner.y);
    }
    return path + "Z";
  }

  // Pixels fill the place of the picture, whatever its proportions.
  void put_png(const Bytes& png) {
    out_ += " preserveAspectRatio=\"none\" href=\"data:image/png;base64," + base64(png) + "\"";
  }

  void put_snapshot(const Cloud& cloud) {
    const Result<Snapshot> snapshot = snapshot_of(cloud);
    if (!snapshot) {
      failure_ = snapshot.error();
      return;
    }
    open("image", cloud.meaning);
    attribute("data-count", std::to_string(cloud.spots.size()));
    number("x", snapshot->x);
    number("y", snapshot->y);
    number("width", snapshot->width);
    number("height", snapshot->height);
    put_png(snapshot->png);
    close("image", cloud.meaning.title);
  }

  const Scene& scene_;
  Bytes out_;
  int clouds_ = 0;
  std::optional<Error> failure_;
};

}  // namespace

std::string escaped(std::string_view text) {
  const std::string valid = valid_text(text);
  std::string safe;
  safe.reserve(valid.size());
  for (const char character : valid) {
    switch (character) {
      case '&': safe += "&amp;"; break;
      case '<': safe += "&lt;"; break;
      case '>': safe += "&gt;"; break;
      case '"': safe += "&quot;"; break;
      case '\'': safe += "&#39;"; break;
      case '\t': safe += "&#9;"; break;
      case '\n': safe += "&#10;"; break;
      case '\r': safe += "&#13;"; break;
      default: safe += character;
    }
  }
  return safe;
}

Result<Bytes> write_svg(const Scene& scene) {
  return Writer{scene}.write();
}

}  // namespace cauce::charts::drawing
