#include "charts/drawing/sheet.h"
#include "charts/drawing/footer.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/number_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts::drawing {

namespace {

constexpr double leading = 1.3;          // of the size of its text
constexpr double compact_below = 320;    // pixels of the shorter side
constexpr double room_height_min = 110;  // what legends leave
constexpr double swatch = 5;             // half the side of a legend's mark

double baseline_in_line(const Extent& extent, double top, double height) {
  return top + (height - extent.ascent - extent.descent) / 2 + extent.ascent;
}

}  // namespace

Sheet::Sheet(const Figures& figures, const Request& request, Typesetter& typesetter)
    : figures_(figures),
      request_(request),
      typesetter_(typesetter),
      look_(look_of(request.theme, request.palette)),
      compact_(std::min(request.width_px, request.height_px) < compact_below),
      padding_(compact_ ? 8 : 18) {
  scene_.width = request.width_px;
  scene_.height = request.height_px;
  scene_.language = request.locale == Locale::es ? "es" : "en";
  scene_.ground = look_.ground;
  room_ = {padding_, padding_ - 2, scene_.width - padding_, scene_.height - padding_ + 4};
  put_heading();
  say_contrast();
}

bool Sheet::touches_text(const Area& box) const {
  return std::any_of(scene_.items.begin(), scene_.items.end(), [&](const Item& item) {
    const auto* text = std::get_if<Text>(&item);
    return text != nullptr && box.left < text->x + text->width + 2 && text->x - 2 < box.right &&
           box.top < text->baseline + text->descent && text->baseline - text->ascent < box.bottom;
  });
}

std::vector<Area> Sheet::texts_across(bool upright, double at, double start, double end) const {
  std::vector<Area> boxes;
  for (const Item& item : scene_.items) {
    const auto* text = std::get_if<Text>(&item);
    if (text == nullptr) continue;
    const Area box{text->x, text->baseline - text->ascent, text->x + text->width,
                   text->baseline + text->descent};
    const bool crossed =
        upright ? box.left < at && at < box.right && start < box.bottom && box.top < end
                : box.top < at && at < box.bottom && start < box.right && box.left < end;
    if (crossed) boxes.push_back(box);
  }
  std::sort(boxes.begin(), boxes.end(), [&](const Area& one, const Area& other) {
    return upright ? one.top < other.top : one.left < other.left;
  });
  return boxes;
}

Area Sheet::room_of_page() const {
  return {padding_, padding_, scene_.width - padding_, scene_.height - padding_};
}

// Colours of one's own stay as they are; what the eye can hardly see is said.
void Sheet::say_contrast() {
  const bool es = request_.locale == Locale::es;
  for (std::size_t index = 0; index < request_.palette.size(); ++index) {
    const double ratio = contrast(look_.series[index], look_.ground);
    if (ratio >= mark_contrast_min) continue;
    remark(to_hex(look_.series[index]) + (es ? ": contraste " : ": contrast ") +
           number_text(ratio, 2, request_.locale) + (es ? " a 1, menos de 3" : " to 1, below 3"));
  }
}

Sheet::Sheet(const Sheet& page, const Figures& figures, const Area& plot, Multiples& multiples,
             PanelPlace place)
    : figures_(figures),
      request_(page.request_),
      typesetter_(page.typesetter_),
      look_(page.look_),
      compact_(page.compact_),
      padding_(page.padding_),
      room_(plot),
      multiples_(&multiples),
      place_(place) {
  scene_.width = page.scene_.width;
  scene_.height = page.scene_.height;
}

void Sheet::take(Sheet panel, std::size_t index) {
  const std::string name = std::to_string(index);
  // A pair plot has panels itself: "2.5" is the sixth of the third one.
  const auto within = [&](const std::string& inner) {
    return inner.empty() ? name : name + "." + inner;
  };
  for (Axis& axis : panel.scene_.axes) {
    axis.panel = within(axis.panel);
    add(std::move(axis));
  }
  for (Item& item : panel.scene_.items) {
    std::visit(
        [&](auto& mark) {
          Attributes& attributes = mark.meaning.attributes;
          const auto inner = std::find_if(attributes.begin(), attributes.end(),
                                          [](const auto& one) { return one.name == "data-panel"; });
          if (inner == attributes.end()) {
            attributes.push_back({"data-panel", name});
          } else {
            inner->value = within(inner->value);
          }
        },
        item);
    add(std::move(item));
  }
  labels_left_out_ += panel.labels_left_out_;
  unshown_ += panel.unshown_;
  for (std::string& text : panel.remarks_)
    remark(std::move(text));
}

bool Sheet::all_agree(std::string_view question, bool yes) {
  if (multiples_ == nullptr || multiples_->stage == Multiples::Stage::whole) return yes;
  bool& all = multiples_->agreed.try_emplace(question, true).first->second;
  if (multiples_->stage == Multiples::Stage::panels) all = all && yes;
  return all;
}

void Sheet::remark(std::string text) {
  if (std::find(remarks_.begin(), remarks_.end(), text) == remarks_.end())
    remarks_.push_back(std::move(text));
}

Face Sheet::tick_face() const {
  return {compact_ ? 9.5 : 11.5, Weight::regular};
}

Face Sheet::label_face() const {
  return {compact_ ? 10.0 : 12.5, Weight::regular};
}

double Sheet::put_lines(std::string_view role, const std::string& shown, Face face, Colour colour,
                        double top, std::size_t lines_max) {
  const double height = face.size * leading;
  const auto lines = typesetter_.wrapped(shown, face, room_.width(), lines_max);
  for (std::size_t index = 0; index < lines.size(); ++index) {
    const Extent extent = measure(lines[index], face);
    unshown_ += typesetter_.unshown(lines[index], face);
    const bool shortened = index + 1 == lines.size() && lines[index].ends_with("\u2026") &&
                           !shown.ends_with(lines[index]);
    scene_.items.push_back(Text{room_.left,
                                baseline_in_line(extent, top, height),
                                extent.width,
                                extent.ascent,
                                extent.descent,
                                lines[index],
                                shortened ? shown : "",
                                face,
                                colour,
                                {role, {}, ""}});
    top += height;
  }
  return top;
}

void Sheet::put_heading() {
  scene_.title = clean_text(title_of(figures_, request_));
  const std::string subtitle = clean_text(subtitle_of(figures_, request_));
  const std::size_t lines_max = compact_ ? 1 : 2;
  room_.top = put_lines("title", scene_.title, {compact_ ? 12.5 : 17.0, Weight::bold}, look_.ink,
                        room_.top, lines_max);
  room_.top += compact_ ? 0 : 2;
  room_.top = put_lines("subtitle", subtitle, {compact_ ? 9.5 : 12.5, Weight::regular}, look_.muted,
                        room_.top, lines_max);
  room_.top += compact_ ? 3 : 10;
  const Face face{compact_ ? 9.0 : 10.5, Weight::regular};
  // Room for what is only known at the end: how many labels were left out.
  const std::string footer = footer_of(figures_, request_, {}, 100);
  const bool fits = measure(clean_text(footer), face).width <= room_.width();
  footer_lines_ = fits || scene_.height < 240 ? 1 : 2;
  room_.bottom -= double(footer_lines_) * face.size * leading + (compact_ ? 2 : 6);
}

void Sheet::text(std::string_view role, std::string_view wanted, Face face, Colour colour, double x,
                 double baseline, Anchor anchor, double width_max) {
  const std::string clean = clean_text(wanted);
  if (clean.empty()) return;
  std::string shown = typesetter_.shortened(clean, face, width_max);
  if (shown.empty()) {
    ++labels_left_out_;
    return;
  }
  const Extent extent = measure(shown, face);
  unshown_ += typesetter_.unshown(shown, face);
  const double shift = anchor == Anchor::start ? 0 : anchor == Anchor::end ? 1 : 0.5;
  // A label may lean out of its plot, not over the edge of the page.
  const double left_max = double(request_.width_px) - extent.width;
  const double left = std::max(0.0, std::min(x - shift * extent.width, left_max));
  const bool shortened = shown != clean;
  scene_.items.push_back(Text{left,
                              baseline,
                              extent.width,
                              extent.ascent,
                              extent.descent,
                              std::move(shown),
                              shortened ? clean : "",
                              face,
                              colour,
                              {role, {}, ""}});
}

void Sheet::centred_text(std::string_view role, std::string_view wanted, Face face, Colour colour,
                         double x, double y, Anchor anchor, double width_max) {
  const Extent extent = measure("0", face);
  text(role, wanted, face, colour, x, y + (extent.ascent - extent.descent) / 2, anchor, width_max);
}

void Sheet::legend(const std::vector<LegendEntry>& entries) {
  if (multiples_ != nullptr) {
    if (multiples_->stage == Multiples::Stage::whole) multiples_->legend = entries;
    return;
  }
  const Face face = label_face();
  double largest = 0;
  for (const LegendEntry& entry : entries)
    largest = std::max(largest, entry.radius);
  const double height = std::max(face.size * 1.5, 2 * largest + 4);
  double x = room_.left;
  double top = room_.top;
  for (std::size_t index = 0; index < entries.size(); ++index) {
    const LegendEntry& entry = entries[index];
    const std::string label = clean_text(entry.label);
    const double half = std::max(swatch, entry.radius);
    const double before = 2 * half + 5;
    const double width =
        std::min(measure(label, face).width, std::min(room_.width() - before, 220.0));
    if (x > room_.left && x + before + width > room_.right) {
      x = room_.left;
      top += height;
    }
    if (top + height > room_.bottom - room_height_min) {
      leave_out_labels(entries.size() - index);
      break;
    }
    const double middle = top + height / 2;
    add(Marker{
        x + half,
        middle,
        entry.radius,
        entry.shape,
        entry.colour,
        look_.ground,
        {"legend-mark", {{"data-group", entry.group.empty() ? entry.label : entry.group}}, ""}});
    centred_text("legend", label, face, look_.ink, x + before, middle, Anchor::start, width + 0.01);
    x += before + width + 16;
  }
  if (x > room_.left) top += height;
  room_.top = top + (compact_ ? 2 : 6);
}

void Sheet::words_instead(std::string_view wanted) {
  words_instead_ = true;
  const Face face{compact_ ? 11.0 : 14.0, Weight::regular};
  const double height = face.size * leading;
  const auto lines_max = std::max<std::size_t>(1, std::size_t(room_.height() / height));
  const auto lines = typesetter_.wrapped(clean_text(wanted), face, room_.width() * 0.9, lines_max);
  double top = (room_.top + room_.bottom - height * double(lines.size())) / 2;
  for (const std::string& line : lines) {
    text("words", line, face, look_.muted, (room_.left + room_.right) / 2,
         baseline_in_line(measure(line, face), top, height), Anchor::middle, room_.width());
    top += height;
  }
}

Scene Sheet::finish() {
  const Face face{compact_ ? 9.0 : 10.5, Weight::regular};
  const auto words = [&] {
    return clean_text(words_instead_ ? footer_without_plot(figures_, request_, remarks_)
                                     : footer_of(figures_, request_, remarks_, labels_left_out_));
  };
  // The footer's own characters count too: a source or a remark may hold some.
  unshown_ += typesetter_.unshown(words(), face);
  if (unshown_ > 0) {
    remark(request_.locale == Locale::es
               ? counted(unshown_, "carácter que ninguna fuente instalada tiene",
                         "caracteres que ninguna fuente instalada tiene", request_.locale)
               : counted(unshown_, "character that no installed font has",
                         "characters that no installed font has", request_.locale));
  }
  const std::string footer = words();
  const double top = scene_.height - padding_ + 4 - double(footer_lines_) * face.size * leading;
  room_.left = padding_;
  room_.right = scene_.width - padding_;
  put_lines("footer", footer, face, look_.muted, top, footer_lines_);
  return std::move(scene_);
}

}  // namespace cauce::charts::drawing
