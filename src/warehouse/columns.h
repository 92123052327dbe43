// The columns of what cauce keeps for ever, in order; docs/formats/lake.md says what they mean.
#pragma once

#include <string_view>
#include <vector>

#include "table/table.h"

namespace cauce::warehouse {

// Prefixes of the three sets of objects and their manifests.
constexpr std::string_view lake_prefix = "lake";
constexpr std::string_view facts_prefix = "facts";
constexpr std::string_view dimensions_prefix = "dimensions";

const std::vector<table::Column>& lake_columns();
const std::vector<table::Column>& facts_columns();

}  // namespace cauce::warehouse
