#include "charts/figures/rows.h"

#include <fmt/core.h>

namespace cauce::charts::figures {

Result<void> Rows::each(const std::vector<columns::Wanted>& wanted,
                        const std::function<Result<void>(const columns::Block&)>& use) {
  auto scan = table_.scan(wanted);
  if (!scan) return scan.error();
  std::uint64_t rows = 0;
  for (columns::Block block;;) {
    const Result<columns::Step> step = (*scan)->next(block);
    if (!step) return step.error();
    if (*step == columns::Step::retyped) {
      retyped_ = true;
      return Error{Outcome::conflict, "a column has another type than its first rows said"};
    }
    if (*step == columns::Step::end) break;
    rows += block.rows;
    const Result<void> used = use(block);
    if (!used) return used;
  }
  if (passed_ && rows != rows_) {
    return Error{Outcome::conflict,
                 fmt::format("the table had {} rows, then {}: it was changed while it was read; "
                             "draw it again",
                             rows_, rows)};
  }
  passed_ = true;
  rows_ = rows;
  return {};
}

}  // namespace cauce::charts::figures
