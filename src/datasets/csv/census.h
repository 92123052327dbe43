// Decides what the columns of a CSV are from all the rows it is shown, whatever their order: every
// cell is tried as every type. A column has a type when all its cells that are not missing have it.
//
// When nearly all have it (nearly_share_min of them, and at least nearly_count_min) the others are
// mistakes: the column is that type and the cells that are not are faults. Else it is text.
// A whole number with leading zeros makes its column text: it is a code.
// 1,234 and 1.234 are read as the rest of the column says; if that says nothing, as the file does.
// Dates as 03/04/2024 need a day above 12 somewhere in the column; if there is none, it is text.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "datasets/csv/cells.h"
#include "datasets/file_table.h"

namespace cauce::datasets::csv {

struct CensusRules {
  double nearly_share_min = 0.9;
  std::uint64_t nearly_count_min = 10;
  std::size_t faults_kept_max = 20;
};

struct Verdict {
  CellFormat format;
  std::vector<Fault> faults;  // the first ones; without the column's name
  std::uint64_t fault_count = 0;
  std::string note;  // why the type is not what most cells look like; may be empty
};

class ColumnCensus {
 public:
  // `text` without quotes and white space around it. `line` is called when the cell is to be kept.
  template <class Line>
  void add(std::string_view text, const MissingWords& missing, const CensusRules& rules,
           Line line) {
    const unsigned looks = look(text, missing);
    if (looks == looks_missing) return;
    for (std::size_t index = 0; index < candidate_count; ++index) {
      if ((looks >> index & 1) != 0) {
        ++counts_[index];
      } else if (misfits_[index].size() < rules.faults_kept_max) {
        misfits_[index].push_back({line(), {}, std::string(text.substr(0, fault_value_bytes_max))});
      }
    }
  }

  // What most numbers of the file use, for a column that is a number either way.
  Verdict verdict(Decimal file_decimal, const CensusRules& rules) const;

  // True when the cells are numbers with a decimal comma and cannot be otherwise.
  bool needs_comma() const;
  // True when the cells are numbers and some are another number with the other sign.
  bool is_ambiguous() const;

 private:
  enum Candidate : std::uint8_t {
    number_point,
    number_comma,
    year_first,
    day_first,
    month_first,
    boolean,
    candidate_count
  };
  static constexpr unsigned looks_missing = 1u << 31;

  unsigned look(std::string_view text, const MissingWords& missing);
  unsigned look_as_number(std::string_view text);
  unsigned look_as_time(std::string_view text);
  Candidate best(Decimal file_decimal) const;
  CellFormat format_of(Candidate candidate) const;

  std::array<std::uint64_t, candidate_count> counts_{};
  std::array<std::vector<Fault>, candidate_count> misfits_;
  std::uint64_t present_ = 0;  // cells that are not missing, dashes included
  std::uint64_t dashes_ = 0;
  std::uint64_t codes_ = 0;
  std::uint64_t ambiguous_ = 0;  // numbers that depend on the decimal sign
  std::uint64_t dates_ = 0;
  std::uint64_t datetimes_ = 0;
};

}  // namespace cauce::datasets::csv
