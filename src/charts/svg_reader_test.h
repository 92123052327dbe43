// Reads a chart's SVG as a stranger would: by an XML parser, knowing only the names of attributes.
#pragma once

#include <expat.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

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

  double pixel(double value) const;
};

}  // namespace cauce::charts
