// A chart laid out, before it becomes a file: plain values in CSS pixels, y downwards, that PNG,
// SVG and PDF are all written from. Each mark carries the numbers it shows, and each axis its
// domain and range, so that a reader of the SVG can compute every mark again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "charts/drawing/colour.h"

namespace cauce::charts::drawing {

struct Attribute {
  std::string_view name;  // of the program, never of a user: "data-group"
  std::string value;      // as it is; the writer of a format escapes it
};
using Attributes = std::vector<Attribute>;

// What a mark is and which numbers it shows.
struct Meaning {
  std::string_view role;  // "bar", "median", "grid"
  Attributes attributes;
  std::string title;  // for a pointer that rests on it; may be empty
};

struct Rectangle {
  double x, y, width, height;
  Colour fill;
  std::optional<Colour> stroke;
  double stroke_width = 1;
  Meaning meaning;
};

struct Line {
  double x1, y1, x2, y2;
  Colour colour;
  double width = 1;
  Meaning meaning;
};

struct Vertex {
  double x, y;
};

// Numbers that a path shows one after the other.
struct Measures {
  std::string_view name;  // "data-values"
  std::vector<double> values;
};

struct Path {
  std::vector<Vertex> vertices;
  bool closed = false;
  std::optional<Colour> fill;
  std::optional<Colour> stroke;
  double stroke_width = 1;
  Meaning meaning;
  std::vector<Measures> measures = {};
};

// Upright strokes of one height and one colour, as many as there are values.
struct Ticks {
  std::vector<double> x;
  double y, height;
  Colour colour;
  double width = 1;
  Meaning meaning;
};

enum class Shape {
  circle,
  square,
  diamond,
  triangle,
  cross,
  ring,
  saltire,  // a cross that lies on its side
  star,
  triangle_down,
};

struct Marker {
  double x, y;
  double radius;
  Shape shape = Shape::circle;
  Colour fill;
  Colour outline;
  Meaning meaning;
};

// One point of a cloud; the numbers it stands for are written with it.
struct Spot {
  float x, y;
  std::uint32_t style;  // index into Cloud::styles
  double data_x, data_y;
  double data_size = 0;  // NaN: missing
};

struct SpotStyle {
  Shape shape;
  Colour fill;
  std::string group;
  std::string shape_group = "";  // the category that the shape stands for
  double radius = 0;             // 0: that of the cloud
};

// Up to tens of thousands of markers.
struct Cloud {
  std::vector<Spot> spots;
  std::vector<SpotStyle> styles;
  double radius;
  Colour outline;
  Meaning meaning;
  bool sized = false;  // spots have a size
  // Together with other clouds too many for single marks of an SVG: a picture.
  bool pictured = false;

  double radius_of(const SpotStyle& style) const {
    return style.radius > 0 ? style.radius : radius;
  }
};

// Cells of colour, one pixel each, row by row from the top; drawn without smoothing.
struct Raster {
  double x, y, width, height;
  std::uint32_t across = 0, down = 0;
  std::vector<std::uint8_t> indices;  // into colours; across * down of them
  std::vector<Colour> colours;        // at most 256; alpha is 0 or 1
  Meaning meaning;
};

enum class Weight { regular, bold };

struct Face {
  double size = 12;  // CSS pixels
  Weight weight = Weight::regular;

  bool operator==(const Face&) const = default;
};

// One line of text in its measured box.
struct Text {
  double x, baseline;  // of its left end
  double width, ascent, descent;
  std::string shown;
  std::string full;  // when `shown` is shortened, what it stands for; else empty
  Face face;
  Colour colour;
  Meaning meaning;
};

using Item = std::variant<Rectangle, Line, Path, Ticks, Marker, Cloud, Raster, Text>;

enum class ScaleKind {
  linear,
  logarithmic,
  symmetric,  // sign(v) log10(1 + |v|)
  time,       // linear in microseconds since 1970 UTC
  band,       // one stripe for each group
};

struct Axis {
  std::string_view name;  // "x" or "y"
  ScaleKind kind = ScaleKind::linear;
  double domain_low = 0, domain_high = 1;  // of a band scale 0 and the number of bands
  double range_low = 0, range_high = 1;    // pixels that the ends of the domain lie on
  std::string column;
  std::string panel;  // of small multiples, the category; else empty
};

struct Scene {
  double width = 0, height = 0;
  std::string language;  // "en" or "es"
  std::string title;
  std::string description;  // what it shows, with the numbers, in words
  Colour ground;
  std::vector<Axis> axes;
  std::vector<Item> items;  // back to front
};

}  // namespace cauce::charts::drawing
