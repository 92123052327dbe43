// A table whose numeric columns stand below each other: `column` says which one a value is of. So
// that one chart shows them side by side.
#pragma once

#include <memory>

#include "columns/columns.h"

namespace cauce::api {

// A scan of it is `invalid` when the table has no numeric column.
std::unique_ptr<columns::Table> side_by_side(std::unique_ptr<columns::Table> table);

}  // namespace cauce::api
