// From the figures of a chart to a picture of it. The same scene becomes PNG, SVG or PDF, so all
// three show the same. Any thread may call these at any time; each thread keeps its own fonts.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "charts/figures.h"
#include "charts/request.h"

namespace cauce::charts {

enum class Format { png, svg, pdf, vega_lite };

// invalid: a size or ratio outside its limits, or an installation without any font. exhausted: no
// memory for so many pixels. Figures that have nothing to draw become a picture with words.
Result<Bytes> render(const Figures& figures, const Request& request, Format format);

// The same, and how many characters of the picture no installed font has: they are drawn as boxes,
// and the footer says so too.
Result<Bytes> render(const Figures& figures, const Request& request, Format format,
                     std::uint64_t& characters_without_font);

// The same number without a picture, for less than a picture costs.
Result<std::uint64_t> characters_without_font(const Figures& figures, const Request& request);

// What the chart shows, with its numbers, in the words of the request's language: for those who do
// not see it.
std::string alternative_text(const Figures& figures, const Request& request);

}  // namespace cauce::charts
