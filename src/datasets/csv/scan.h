// One scan over a CSV. Only for datasets/csv/.
#pragma once

#include <memory>
#include <vector>

#include "datasets/csv/table.h"

namespace cauce::datasets::csv {

Result<std::unique_ptr<columns::Scan>> start_scan(CsvTable& table,
                                                  const std::vector<columns::Wanted>& wanted);

}  // namespace cauce::datasets::csv
