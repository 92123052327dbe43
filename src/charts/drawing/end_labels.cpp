#include "charts/drawing/end_labels.h"

#include <algorithm>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

constexpr double gap = 8;              // between the end of the plot and a name
constexpr double share_of_room = 0.3;  // that the names take at most
constexpr double leader_from = 7;      // pixels between a line's end and its name

Face face_of(Sheet& sheet) {
  return {sheet.label_face().size, Weight::bold};
}

}  // namespace

double width_of_end_labels(Sheet& sheet, const std::vector<EndLabel>& labels) {
  double width = 0;
  for (const EndLabel& label : labels)
    width = std::max(width, sheet.measure(label.label, face_of(sheet)).width);
  const double height = double(labels.size()) * face_of(sheet).size * 1.3;
  const bool fits = width + gap <= sheet.room().width() * share_of_room &&
                    height <= (sheet.room().height() - 60) * 0.9;
  return labels.empty() || !fits ? 0 : width + gap;
}

void spread_labels(std::vector<EndLabel>& labels, double line, double top, double bottom) {
  std::vector<EndLabel*> order;
  for (EndLabel& label : labels) {
    label.middle = std::clamp(label.end.y, top, bottom);
    order.push_back(&label);
  }
  std::sort(order.begin(), order.end(), [](const EndLabel* one, const EndLabel* other) {
    return one->middle != other->middle ? one->middle < other->middle : one < other;
  });
  // Runs of labels that touch stand around the middle of where they want to be.
  struct Run {
    double wanted;  // sum of the middles, each less its place in the run
    std::size_t size;
    double first(double height, double low, double high) const {
      return std::clamp(wanted / double(size), low, high - height * double(size - 1));
    }
  };
  std::vector<Run> runs;
  for (const EndLabel* label : order) {
    runs.push_back({label->middle, 1});
    while (runs.size() > 1) {
      const Run& above = runs[runs.size() - 2];
      const Run& last = runs.back();
      const double end = above.first(line, top, bottom) + line * double(above.size);
      if (last.first(line, top, bottom) >= end) break;
      const Run both{above.wanted + last.wanted - line * double(above.size * last.size),
                     above.size + last.size};
      runs.pop_back();
      runs.back() = both;
    }
  }
  std::size_t index = 0;
  for (const Run& run : runs) {
    const double first = run.first(line, top, bottom);
    for (std::size_t place = 0; place < run.size; ++place)
      order[index++]->middle = first + line * double(place);
  }
}

void put_end_labels(Sheet& sheet, const std::vector<EndLabel>& labels, double left) {
  for (const EndLabel& label : labels) {
    const double away = std::hypot(left - label.end.x, label.middle - label.end.y);
    if (away > leader_from) {
      sheet.add(Line{label.end.x + 3,
                     label.end.y,
                     left + gap - 3,
                     label.middle,
                     with_alpha(label.colour, 0.45),
                     0.8,
                     {"leader", {}, ""}});
    }
    sheet.centred_text("curve-name", label.label, face_of(sheet), label.colour, left + gap,
                       label.middle, Anchor::start, 1e9);
  }
}

}  // namespace cauce::charts::drawing
