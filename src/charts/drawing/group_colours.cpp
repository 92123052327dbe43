#include "charts/drawing/group_colours.h"

#include <algorithm>

namespace cauce::charts::drawing {

namespace {

const Meaning& meaning_of(const Item& item) {
  return std::visit([](const auto& mark) -> const Meaning& { return mark.meaning; }, item);
}

const std::string* group_of(const Item& item) {
  for (const Attribute& attribute : meaning_of(item).attributes) {
    if (attribute.name == "data-group") return &attribute.value;
  }
  return nullptr;
}

struct ColoursOf {
  std::vector<Colour*> operator()(Rectangle& mark) const {
    return mark.stroke ? std::vector{&mark.fill, &*mark.stroke} : std::vector{&mark.fill};
  }
  std::vector<Colour*> operator()(Path& mark) const {
    std::vector<Colour*> colours;
    if (mark.fill) colours.push_back(&*mark.fill);
    if (mark.stroke) colours.push_back(&*mark.stroke);
    return colours;
  }
  std::vector<Colour*> operator()(Line& mark) const { return {&mark.colour}; }
  std::vector<Colour*> operator()(Ticks& mark) const { return {&mark.colour}; }
  std::vector<Colour*> operator()(Marker& mark) const { return {&mark.fill}; }
  // Of a cloud each style is a group; a raster's colours are numbers; a text names, it shows
  // nothing.
  std::vector<Colour*> operator()(auto&) const { return {}; }
};

std::string key_of(const Meaning& meaning, const std::string& group) {
  return std::string(meaning.role) + '\n' + group;
}

std::string key_of(const SpotStyle& style) {
  return style.group + '\n' + style.shape_group;
}

bool is_grey(Colour colour) {
  const auto [low, high] = std::minmax({colour.red, colour.green, colour.blue});
  return high - low < 32;
}

// A quiet surface within its outline becomes the grey of its lightness, all else the neutral
// colour.
Colour greyed(Colour colour, bool is_surface, const Look& look) {
  if (is_grey(colour)) return colour;
  if (!is_surface) return with_alpha(look.neutral, colour.alpha);
  const auto light =
      std::uint8_t((2126 * colour.red + 7152 * colour.green + 722 * colour.blue) / 10'000);
  return {light, light, light, colour.alpha};
}

void grey_out(Item& item, const Look& look) {
  const auto* rectangle = std::get_if<Rectangle>(&item);
  const bool outlined = rectangle != nullptr && rectangle->stroke && !is_grey(*rectangle->stroke);
  for (Colour* colour : std::visit(ColoursOf{}, item)) {
    const bool is_surface = outlined && colour == &rectangle->fill;
    *colour = greyed(*colour, is_surface, look);
  }
}

}  // namespace

void GroupColours::learn(const std::vector<Item>& items) {
  for (Item item : items) {
    if (const auto* cloud = std::get_if<Cloud>(&item)) {
      radius_ = cloud->radius;
      for (const SpotStyle& style : cloud->styles)
        of_points_.emplace(key_of(style), style);
    }
    const std::string* group = group_of(item);
    if (group == nullptr) continue;
    std::vector<Colour> colours;
    for (const Colour* colour : std::visit(ColoursOf{}, item))
      colours.push_back(*colour);
    if (colours.empty()) continue;
    of_groups_.emplace(*group, colours.back());
    of_marks_.emplace(key_of(meaning_of(item), *group), std::move(colours));
  }
}

void GroupColours::apply(std::vector<Item>& items) const {
  for (Item& item : items) {
    if (auto* cloud = std::get_if<Cloud>(&item)) {
      cloud->radius = radius_ > 0 ? radius_ : cloud->radius;
      // Styles without a group are steps of a scale, unless there is but one.
      for (SpotStyle& style : cloud->styles) {
        const auto found = of_points_.find(key_of(style));
        if ((!style.group.empty() || cloud->styles.size() == 1) && found != of_points_.end()) {
          // A small ring is a point without a size.
          if (style.shape != Shape::ring) style.shape = found->second.shape;
          style.fill = with_alpha(found->second.fill, style.fill.alpha);
        }
      }
    }
    const std::string* group = group_of(item);
    if (group == nullptr) continue;
    const std::vector<Colour*> colours = std::visit(ColoursOf{}, item);
    const auto found = of_marks_.find(key_of(meaning_of(item), *group));
    if (found != of_marks_.end() && found->second.size() == colours.size()) {
      for (std::size_t index = 0; index < colours.size(); ++index)
        *colours[index] = found->second[index];
      continue;
    }
    // A see-through surface that the chart of all rows does not have: below a grey curve.
    const auto of_group = of_groups_.find(*group);
    if (of_group == of_groups_.end()) continue;
    for (Colour* colour : colours) {
      if (colour->alpha < 1) *colour = with_alpha(of_group->second, colour->alpha);
    }
  }
}

bool highlight(std::vector<Item>& items, const std::string& group, const Look& look) {
  bool found = false;
  std::vector<std::size_t> places;
  std::vector<Item> others;
  std::vector<Item> own;
  for (std::size_t index = 0; index < items.size(); ++index) {
    Item& item = items[index];
    if (auto* cloud = std::get_if<Cloud>(&item)) {
      for (SpotStyle& style : cloud->styles) {
        found |= style.group == group;
        if (style.group != group) style.fill = greyed(style.fill, false, look);
      }
      std::stable_sort(cloud->spots.begin(), cloud->spots.end(),
                       [&](const Spot& one, const Spot& other) {
                         return (cloud->styles[one.style].group == group) <
                                (cloud->styles[other.style].group == group);
                       });
    }
    if (auto* text = std::get_if<Text>(&item)) {
      const bool own_name = text->shown == group || text->shown.starts_with(group + " (");
      if (!own_name && !is_grey(text->colour)) text->colour = look.muted;
    }
    const std::string* of = group_of(item);
    if (of == nullptr) continue;
    places.push_back(index);
    found |= *of == group;
    if (*of != group) grey_out(item, look);
    (*of == group ? own : others).push_back(std::move(item));
  }
  std::move(own.begin(), own.end(), std::back_inserter(others));
  for (std::size_t index = 0; index < places.size(); ++index)
    items[places[index]] = std::move(others[index]);
  return found;
}

}  // namespace cauce::charts::drawing
