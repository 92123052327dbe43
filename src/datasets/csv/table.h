// The table behind open_csv(): knows how the file is written and what its columns are, as far as
// they were read. Only for datasets/csv/.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "datasets/csv/csv.h"
#include "datasets/csv/dialect.h"

namespace cauce::datasets::csv {

// One way through the file, behind its header.
struct Pass {
  std::unique_ptr<RowReader> reader;
  bool utf8_seen = false;  // characters beyond ASCII, all of them well-formed
};

enum class Advance {
  rows,
  end,
  other_encoding,  // the bytes are not UTF-8: the table has begun anew with another encoding
};

struct ColumnState {
  CellFormat format;
  bool settled = false;  // every row was taken into account
  bool forced = false;   // text, because the caller says so
  std::vector<Fault> faults;
  std::uint64_t fault_count = 0;
  std::uint64_t rounded = 0;
  std::string note;
};

class CsvTable final : public FileTable {
 public:
  CsvTable(OpenSource open, const CsvOptions& options);

  // Reads header and first window. Once, before anything else.
  Result<void> begin();

  const columns::Schema& schema() const override { return schema_; }
  Result<std::unique_ptr<columns::Scan>> scan(std::vector<columns::Wanted> wanted) override;
  const Report& report() const override { return report_; }

  // For scans.
  Result<Pass> start_pass();
  Result<Advance> advance(Pass& pass, Rows& rows);
  // Decides about these columns from all rows. Answers false when the bytes turned out not to be
  // UTF-8 and the table has begun anew.
  Result<bool> settle(const std::vector<std::size_t>& columns);
  // The error for the faults of these columns, if there are any; they stand in the report then.
  Result<void> check_faults(const std::vector<std::size_t>& columns);
  // A scan over this column came to its end without a contradiction.
  // `rounded`: of its whole numbers, those beyond what a double holds exactly.
  void settle_clean(std::size_t column, columns::Type type, std::uint64_t dashes,
                    std::uint64_t rounded);
  void finish_pass(const Pass& pass);

  const ColumnState& column(std::size_t index) const { return states_[index]; }
  const MissingWords& missing() const { return missing_; }
  const CsvOptions& options() const { return options_; }

 private:
  Result<void> look_at_beginning();
  Result<void> take_header(const Rows& header);
  Result<void> force_texts();
  void force_text(std::size_t column);
  Result<void> take_sample();
  Result<Advance> count(Pass& pass, const std::vector<std::size_t>& columns,
                        std::vector<ColumnCensus>& censuses, bool to_the_end);
  void judge(const std::vector<std::size_t>& columns, const std::vector<ColumnCensus>& censuses,
             bool settled);
  void write_notes();
  Error failed_at(std::uint64_t line, const Error& error);

  const OpenSource open_;
  const CsvOptions options_;
  const MissingWords missing_;
  Encoding encoding_ = Encoding::utf8;
  Marks marks_;
  Decimal decimal_ = Decimal::point;  // what most numbers of the file use
  columns::Schema schema_;
  std::vector<ColumnState> states_;
  std::vector<std::string> header_notes_;
  Report report_;
};

}  // namespace cauce::datasets::csv
