// Which columns a chart takes, and in words why it cannot take one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "charts/options.h"
#include "charts/request.h"
#include "columns/columns.h"

namespace cauce::charts::figures {

// Which of x, y, color and by the kind needs and takes; says what would do instead.
Result<void> check_request(const Request& request);

// A column whose cells are numbers: anything but text.
Result<std::size_t> number_column(const columns::Schema& schema, const std::string& name,
                                  Kind kind);

// Why there is nothing to draw: no rows, or none that has all values.
Error nothing_to_draw(std::uint64_t rows, std::string_view columns);

// The range of a column is itself more than a double holds.
Error too_far_apart(std::string_view column, double min, double max);

// 1,234,567
std::string counted(std::uint64_t number);

}  // namespace cauce::charts::figures
