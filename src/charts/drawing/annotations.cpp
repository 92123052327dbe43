#include "charts/drawing/annotations.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/number_text.h"
#include "charts/options.h"

namespace cauce::charts::drawing {

namespace {

constexpr double line_width = 1.2;
constexpr double line_alpha = 0.8;
constexpr double band_alpha = 0.16;

bool has_place(double value, ScaleKind kind) {
  return kind != ScaleKind::logarithmic || value > 0;
}

// Where one annotation lies on one axis.
struct Place {
  double from, to;  // pixels, from the smaller to the larger value
};

std::optional<Place> place_of(const Annotation& annotation, const Axis& axis) {
  const bool is_time = axis.kind == ScaleKind::time;
  const auto low = value_of(annotation.at.low, is_time);
  const auto high = value_of(annotation.at.high, is_time);
  if (!low || !high) return {};
  const double lowest = std::max(std::min(*low, *high), axis.domain_low);
  const double highest = std::min(std::max(*low, *high), axis.domain_high);
  if (lowest > highest || !has_place(lowest, axis.kind)) return {};
  const Scale scale{axis.kind, axis.domain_low, axis.domain_high, axis.range_low, axis.range_high};
  return Place{scale(lowest), scale(highest)};
}

// Puts what one annotation is on one plot.
class Mark {
 public:
  Mark(Sheet& sheet, const Annotation& annotation, const Axis& along, const Axis& across,
       const Place& place)
      : sheet_(sheet),
        annotation_(annotation),
        upright_(along.name == "x"),
        place_(place),
        start_(std::min(across.range_low, across.range_high)),
        end_(std::max(across.range_low, across.range_high)),
        is_line_(annotation.at.low == annotation.at.high) {}

  void put() {
    Meaning meaning{is_line_ ? "annotation-line" : "annotation-band",
                    {{"data-along", std::string(1, annotation_.axis)},
                     {"data-low", annotation_.at.low},
                     {"data-high", annotation_.at.high}},
                    clean_text(annotation_.label)};
    const double from = std::min(place_.from, place_.to);
    const double to = std::max(place_.from, place_.to);
    if (is_line_) {
      put_line(from, meaning);
      return;
    }
    const Colour colour = with_alpha(sheet_.look().neutral, band_alpha);
    sheet_.add_behind(
        upright_
            ? Rectangle{from, start_, to - from, end_ - start_, colour, {}, 1, std::move(meaning)}
            : Rectangle{start_, from, end_ - start_, to - from, colour, {}, 1, std::move(meaning)});
  }

  // False: the words have no room where they touch no others.
  bool put_label() {
    const std::string label = clean_text(annotation_.label);
    if (label.empty()) return true;
    const Face face = sheet_.tick_face();
    const Extent extent = sheet_.measure(label, face);
    for (const Area& box : boxes(extent)) {
      const Area page = sheet_.room_of_page();
      const bool within = box.left >= page.left && box.right <= page.right && box.top >= page.top &&
                          box.bottom <= page.bottom;
      if (!within || sheet_.touches_text(box)) continue;
      sheet_.add(Rectangle{box.left - 2,
                           box.top,
                           box.width() + 4,
                           box.height(),
                           with_alpha(sheet_.look().ground, 0.8),
                           {},
                           1,
                           {"annotation-ground", {}, ""}});
      sheet_.centred_text("annotation", label, face, sheet_.look().ink, box.left,
                          (box.top + box.bottom) / 2, Anchor::start, 1e9);
      return true;
    }
    return false;
  }

 private:
  // In pieces, around the texts that stand in its way.
  void put_line(double at, const Meaning& meaning) {
    const Colour colour = with_alpha(sheet_.look().ink, line_alpha);
    const auto put_piece = [&](double begin, double end) {
      if (end <= begin) return;
      sheet_.add(upright_ ? Line{at, begin, at, end, colour, line_width, meaning}
                          : Line{begin, at, end, at, colour, line_width, meaning});
    };
    double begin = start_;
    for (const Area& box : sheet_.texts_across(upright_, at, start_, end_)) {
      put_piece(begin, (upright_ ? box.top : box.left) - 1);
      begin = std::max(begin, (upright_ ? box.bottom : box.right) + 1);
    }
    put_piece(begin, end_);
  }

  // Places for the words, the best one first: beside an upright mark from the top down, above or
  // below a level one from the right.
  std::vector<Area> boxes(const Extent& extent) const {
    const double height = extent.ascent + extent.descent;
    const double first = std::min(place_.from, place_.to);
    const double last = std::max(place_.from, place_.to);
    std::vector<Area> boxes;
    const auto box = [&](double left, double top) {
      boxes.push_back({left, top, left + extent.width, top + height});
    };
    if (upright_) {
      for (double top = start_ + 2; top + height < end_; top += height) {
        for (const double left : {(is_line_ ? last : first) + 5, first - 5 - extent.width})
          box(left, top);
      }
      return boxes;
    }
    const double right = end_ - 4 - extent.width;
    for (const double left : {right, start_ + 4, (start_ + right) / 2}) {
      for (const double top :
           {is_line_ ? first - 2 - height : first + 2, last + 2, first - 2 - height}) {
        if (left >= start_) box(left, top);
      }
    }
    return boxes;
  }

  Sheet& sheet_;
  const Annotation& annotation_;
  const bool upright_;
  const Place place_;
  const double start_, end_;  // of the plot across
  const bool is_line_;
};

void put_annotation(Sheet& sheet, const Annotation& annotation) {
  const std::vector<Axis> axes = sheet.axes();
  bool shown = false;
  bool labelled = annotation.label.empty();
  for (const Axis& along : axes) {
    if (along.kind == ScaleKind::band || along.name == "colour") continue;
    if (asked_axis(sheet.request(), along.column) != annotation.axis) continue;
    const auto across = std::find_if(axes.begin(), axes.end(), [&](const Axis& axis) {
      return axis.panel == along.panel && axis.name != along.name && axis.name != "colour";
    });
    const auto place = place_of(annotation, along);
    if (across == axes.end() || !place) continue;
    Mark mark{sheet, annotation, along, *across, *place};
    mark.put();
    shown = true;
    // Of small multiples the first panel with room says it for all.
    if (!labelled) labelled = mark.put_label();
  }
  const bool es = sheet.request().locale == Locale::es;
  if (!shown) {
    sheet.remark((es ? "fuera de los ejes: " : "outside of the axes: ") + annotation.at.low +
                 (annotation.label.empty() ? "" : " (" + annotation.label + ")"));
  } else if (!labelled) {
    sheet.leave_out_labels(1);
  }
}

}  // namespace

char asked_axis(const Request& request, const std::string& column) {
  if (!request.x.empty() && column == request.x) return 'x';
  return column == request.y ? 'y' : '\0';
}

AxisWish settled(Sheet& sheet, AxisWish wish) {
  const Request& request = sheet.request();
  const char asked = asked_axis(request, wish.column);
  if (asked == '\0') return wish;
  const std::string& unit = asked == 'x' ? request.x_unit : request.y_unit;
  if (!unit.empty()) {
    if (!wish.label.empty()) wish.label += " (" + unit + ")";
    if (wish.label.empty() && !wish.column.empty())
      sheet.remark(words_of_column(wish.column, request) +
                   (request.locale == Locale::es ? " en " : " in ") + unit);
  }
  const bool is_time = wish.kind == ScaleKind::time;
  for (const Annotation& annotation : request.annotations) {
    if (annotation.axis != asked) continue;
    for (const std::string* bound : {&annotation.at.low, &annotation.at.high}) {
      const auto value = value_of(*bound, is_time);
      if (!value || !has_place(*value, wish.kind)) continue;
      wish.low = std::min(wish.low, *value);
      wish.high = std::max(wish.high, *value);
    }
  }
  const std::optional<Span>& limits = asked == 'x' ? request.x_limits : request.y_limits;
  if (!limits || wish.column.empty()) return wish;
  const auto low = value_of(limits->low, is_time);
  const auto high = value_of(limits->high, is_time);
  // A density goes on beyond the last value, and so does its axis.
  const bool goes_on = request.kind == Kind::density;
  if (low && has_place(*low, wish.kind)) wish.low = goes_on ? std::min(wish.low, *low) : *low;
  if (high) wish.high = goes_on ? std::max(wish.high, *high) : *high;
  return wish;
}

void put_annotations(Sheet& sheet) {
  for (const Annotation& annotation : sheet.request().annotations)
    put_annotation(sheet, annotation);
}

Result<void> check_around(const Figures& figures, const Request& request) {
  const auto column_of = [&](const std::string& name) {
    return std::find_if(figures.schema.begin(), figures.schema.end(),
                        [&](const columns::Column& column) { return column.name == name; });
  };
  const bool names_along_x =
      request.x.empty() || request.kind == Kind::bar || request.kind == Kind::heat;
  const bool nothing_along_y = request.y.empty() || request.kind == Kind::heat;
  if ((!request.x_unit.empty() && names_along_x) || (!request.y_unit.empty() && nothing_along_y)) {
    return Error{
        Outcome::invalid,
        fmt::format("{} has no numbers along {}: --{}-unit is for an axis of numbers",
                    name_of(request.kind), names_along_x ? "x" : "y", names_along_x ? "x" : "y")};
  }
  for (const Annotation& annotation : request.annotations) {
    const std::string& name = annotation.axis == 'x' ? request.x : request.y;
    const auto column = name.empty() ? figures.schema.end() : column_of(name);
    const bool known = column != figures.schema.end();
    const bool is_time =
        known && (column->type == columns::Type::date || column->type == columns::Type::datetime);
    const bool is_named =
        known && (column->type == columns::Type::text || (annotation.axis == 'x' && names_along_x));
    for (const std::string& bound : {annotation.at.low, annotation.at.high}) {
      if (!is_named && value_of(bound, is_time)) continue;
      return Error{
          Outcome::invalid,
          fmt::format("{} has no place for {}: it is an axis of {}",
                      name.empty() ? std::string(1, annotation.axis) : name, bound.substr(0, 64),
                      is_named  ? "names"
                      : is_time ? "dates"
                                : "numbers")};
    }
  }
  return {};
}

}  // namespace cauce::charts::drawing
