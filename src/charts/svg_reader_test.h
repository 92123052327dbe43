// Reads a chart's SVG as a stranger would: by an XML parser, knowing only the names of attributes.
#pragma once

#include <doctest/doctest.h>
#include <expat.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "charts/render.h"

namespace cauce::charts {

struct SvgElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::string text;

  bool has(const std::string& attribute) const { return attributes.contains(attribute); }
  std::string at(const std::string& attribute) const {
    const auto found = attributes.find(attribute);
    return found == attributes.end() ? "" : found->second;
  }
  double number(const std::string& attribute) const {
    return std::strtod(at(attribute).c_str(), nullptr);
  }
};

// All elements in order; empty when the document is not well-formed.
inline std::vector<SvgElement> read_svg(std::string_view svg) {
  struct State {
    std::vector<SvgElement> elements;
    std::vector<std::size_t> open;
  } state;
  XML_Parser parser = XML_ParserCreate("UTF-8");
  XML_SetUserData(parser, &state);
  XML_SetElementHandler(
      parser,
      [](void* user, const char* name, const char** attributes) {
        auto& target = *static_cast<State*>(user);
        SvgElement element;
        element.name = name;
        for (; *attributes != nullptr; attributes += 2)
          element.attributes[attributes[0]] = attributes[1];
        target.open.push_back(target.elements.size());
        target.elements.push_back(std::move(element));
      },
      [](void* user, const char*) { static_cast<State*>(user)->open.pop_back(); });
  XML_SetCharacterDataHandler(parser, [](void* user, const char* text, int length) {
    auto& target = *static_cast<State*>(user);
    if (!target.open.empty())
      target.elements[target.open.back()].text.append(text, std::size_t(length));
  });
  const bool read = XML_Parse(parser, svg.data(), int(svg.size()), 1) == XML_STATUS_OK;
  XML_ParserFree(parser);
  return read ? state.elements : std::vector<SvgElement>{};
}

// An axis as the SVG tells it.
struct SvgAxis {
  std::string scale;
  double domain_low = 0, domain_high = 1, range_low = 0, range_high = 1;

  double pixel(double value) const {
    const double low = bent(domain_low);
    const double share = (bent(value) - low) / (bent(domain_high) - low);
    return range_low + share * (range_high - range_low);
  }

 private:
  double bent(double value) const {
    if (scale == "log") return std::log10(value);
    if (scale == "symlog") return value < 0 ? -std::log10(1 - value) : std::log10(1 + value);
    return value;
  }
};

inline std::vector<double> numbers_of(const std::string& text) {
  std::vector<double> numbers;
  const char* place = text.c_str();
  for (;;) {
    while (*place != '\0' && std::strchr("0123456789+-.", *place) == nullptr)
      ++place;
    char* end = nullptr;
    const double number = std::strtod(place, &end);
    if (end == place) return numbers;
    numbers.push_back(number);
    place = end;
  }
}

// Of marks that are lines: the points of their "d".
inline std::vector<std::pair<double, double>> vertices_of(const SvgElement& element) {
  const std::vector<double> numbers = numbers_of(element.at("d"));
  std::vector<std::pair<double, double>> vertices;
  for (std::size_t at = 0; at + 1 < numbers.size(); at += 2)
    vertices.emplace_back(numbers[at], numbers[at + 1]);
  return vertices;
}

inline SvgAxis axis_of(const std::vector<SvgElement>& elements, const std::string& name) {
  for (const SvgElement& element : elements) {
    if (element.at("data-axis") != name) continue;
    SvgAxis axis;
    axis.scale = element.at("data-scale");
    const std::vector<double> domain = numbers_of(element.at("data-domain"));
    const std::vector<double> range = numbers_of(element.at("data-range"));
    REQUIRE(domain.size() == 2);
    REQUIRE(range.size() == 2);
    axis.domain_low = domain[0];
    axis.domain_high = domain[1];
    axis.range_low = range[0];
    axis.range_high = range[1];
    return axis;
  }
  FAIL("no axis " << name);
  return {};
}

inline std::vector<SvgElement> with_role(const std::vector<SvgElement>& elements,
                                         const std::string& role) {
  std::vector<SvgElement> found;
  std::copy_if(elements.begin(), elements.end(), std::back_inserter(found),
               [&](const SvgElement& element) { return element.at("data-role") == role; });
  return found;
}

inline std::vector<SvgElement> read(const Figures& figures, const Request& request) {
  const auto svg = render(figures, request, Format::svg);
  REQUIRE(svg);
  const auto elements = read_svg(*svg);
  REQUIRE(!elements.empty());
  return elements;
}

// Two decimals of a pixel are written: far within the half that is promised.
inline void check_px(double found, double expected) {
  CHECK(std::abs(found - expected) < 0.02);
}

}  // namespace cauce::charts
