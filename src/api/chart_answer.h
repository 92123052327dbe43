// Giving a chart an address, and telling it.
#pragma once

#include <functional>

#include "api/chart_request.h"
#include "api/json.h"

namespace cauce::api {

// A chart that has its address now.
struct Pinned {
  Pin pin;
  charts::Figures figures;
  std::uint64_t characters_without_font = 0;
  Time link_until;
  Bytes link_key;

  // The path of one picture with the signature behind it.
  std::string linked(Picture picture) const;
};

// The paths of all pictures of a chart, by their format.
Json urls_of(const Pin& pin);

// {"id", "kind", "urls", "links", …}, 201.
Answer chart_answer(const Pinned& pinned);

// Computes the chart, keeps its address, and answers what `answer_of` makes of it; later, on the
// desk's thread.
Result<Answer> pin_chart(Call& call, const ChartAsk& ask, Duration link_span,
                         std::function<Answer(const Pinned&)> answer_of);

}  // namespace cauce::api
