// The options of a chart as people write them, the same on the command line (--bins 20), in a
// query string (bins=20) and in JSON: one table of names, so that none of them knows an option the
// others do not.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "charts/request.h"

namespace cauce::charts {

struct Option {
  std::string_view name;    // without dashes
  std::string_view values;  // what is accepted, for help: "NUMBER", "light|dark|print"
  std::string_view help;
};

// In the order in which help shows them.
const std::vector<Option>& options();

// invalid: there is no such option, or not such a value of it; says what is accepted.
Result<void> set_option(Request& request, std::string_view name, std::string_view value);

// scatter, bar, box, density, histogram, ecdf, line, heat or pairs.
Result<Kind> parse_kind(std::string_view text);
std::string_view name_of(Kind kind);
std::string_view name_of(Marks marks);

}  // namespace cauce::charts
