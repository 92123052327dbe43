#include "datasets/csv/census.h"

#include <fmt/core.h>

namespace cauce::datasets::csv {

unsigned ColumnCensus::look(std::string_view text, const MissingWords& missing) {
  if (missing.contains(text)) return looks_missing;
  ++present_;
  if (text == "-") {
    ++dashes_;
    return 1u << number_point | 1u << number_comma;
  }
  const char first = text[0];
  if ((first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.' ||
      first == ',') {
    const unsigned number = look_as_number(text);
    return number != 0 ? number : look_as_time(text);
  }
  double value = 0;
  return read_boolean(text, value) ? 1u << boolean : 0;
}

unsigned ColumnCensus::look_as_number(std::string_view text) {
  double value = 0;
  const NumberText as_point = read_number(text, Decimal::point, value);
  if (as_point == NumberText::code) {
    ++codes_;
    return 0;
  }
  const bool has_sign = text.find_first_of(".,") != std::string_view::npos;
  if (!has_sign) {
    const bool good = as_point == NumberText::number;
    return good ? 1u << number_point | 1u << number_comma : 0;
  }
  const NumberText as_comma = read_number(text, Decimal::comma, value);
  unsigned looks = 0;
  if (as_point == NumberText::number) looks |= 1u << number_point;
  if (as_comma == NumberText::number) looks |= 1u << number_comma;
  if (as_point == NumberText::number && as_comma == NumberText::number) ++ambiguous_;
  return looks;
}

unsigned ColumnCensus::look_as_time(std::string_view text) {
  unsigned looks = 0;
  TimeText kind = TimeText::other;
  for (const auto& [candidate, order] : {std::pair{year_first, DateOrder::year_first},
                                         {day_first, DateOrder::day_first},
                                         {month_first, DateOrder::month_first}}) {
    std::int64_t microseconds = 0;
    const TimeText as = read_time(text, order, microseconds);
    if (as == TimeText::other) continue;
    looks |= 1u << candidate;
    kind = as;
  }
  if (kind == TimeText::date) ++dates_;
  if (kind == TimeText::datetime) ++datetimes_;
  return looks;
}

bool ColumnCensus::needs_comma() const {
  return present_ > dashes_ && counts_[number_comma] == present_ &&
         counts_[number_point] < present_;
}

bool ColumnCensus::is_ambiguous() const {
  return ambiguous_ > 0 && counts_[number_comma] == present_ && counts_[number_point] == present_;
}

ColumnCensus::Candidate ColumnCensus::best(Decimal file_decimal) const {
  Candidate best = number_point;
  if (counts_[number_comma] > counts_[number_point] ||
      (is_ambiguous() && file_decimal == Decimal::comma)) {
    best = number_comma;
  }
  std::uint64_t most = counts_[best] - dashes_;
  for (const Candidate candidate : {year_first, day_first, month_first, boolean}) {
    if (counts_[candidate] > most) {
      most = counts_[candidate];
      best = candidate;
    }
  }
  return best;
}

CellFormat ColumnCensus::format_of(Candidate candidate) const {
  const columns::Type time = datetimes_ > dates_ ? columns::Type::datetime : columns::Type::date;
  switch (candidate) {
    case number_point: return {.type = columns::Type::number, .decimal = Decimal::point};
    case number_comma: return {.type = columns::Type::number, .decimal = Decimal::comma};
    case year_first: return {.type = time, .date_order = DateOrder::year_first};
    case day_first: return {.type = time, .date_order = DateOrder::day_first};
    case month_first: return {.type = time, .date_order = DateOrder::month_first};
    case boolean: return {.type = columns::Type::boolean};
    case candidate_count: break;
  }
  INVARIANT(false);
}

Verdict ColumnCensus::verdict(Decimal file_decimal, const CensusRules& rules) const {
  const Candidate candidate = best(file_decimal);
  const bool is_number = candidate == number_point || candidate == number_comma;
  Verdict verdict;
  verdict.format = format_of(candidate);
  if (present_ == 0) return verdict;  // nothing but missing cells: numbers, of which there are none
  const std::uint64_t fitting = counts_[candidate] - (is_number ? dashes_ : 0);
  const std::uint64_t of = present_ - (is_number ? dashes_ : 0);
  const bool nearly =
      fitting >= rules.nearly_count_min && double(fitting) >= rules.nearly_share_min * double(of);
  if (fitting == 0 || (fitting < of && !nearly)) {
    verdict.format = {};
    return verdict;
  }
  if (is_number && codes_ > 0) {
    verdict.format = {};
    verdict.note = fmt::format("is text: {} of its cells {} leading zeros, as codes have", codes_,
                               codes_ == 1 ? "has" : "have");
    return verdict;
  }
  if (candidate == day_first && counts_[day_first] == counts_[month_first]) {
    verdict.format = {};
    verdict.note = "is text: no row says whether its dates begin with the day or with the month";
    return verdict;
  }
  verdict.fault_count = of - fitting;
  verdict.faults = misfits_[candidate];
  return verdict;
}

}  // namespace cauce::datasets::csv
