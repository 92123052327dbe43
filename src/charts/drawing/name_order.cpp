#include "charts/drawing/name_order.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>

namespace cauce::charts::drawing {

namespace {

std::optional<double> number_of(const std::string& name) {
  double number = 0;
  const char* const end = name.data() + name.size();
  const auto [stop, failure] = std::from_chars(name.data(), end, number);
  if (failure != std::errc{} || stop != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::vector<double>> numbers_of(const std::vector<std::string>& names) {
  std::vector<double> numbers;
  for (const std::string& name : names) {
    const std::optional<double> number = name.empty() ? std::nan("") : number_of(name);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }
  return numbers;
}

bool NameOrder::operator()(std::size_t one, std::size_t other) const {
  if (!numbers_) return names_[one] < names_[other];
  const double first = (*numbers_)[one];
  const double second = (*numbers_)[other];
  if (std::isnan(first) || std::isnan(second)) return std::isnan(second) && !std::isnan(first);
  return first != second ? first < second : names_[one] < names_[other];
}

bool is_earlier(const std::vector<double>& moments, std::size_t one, std::size_t other) {
  const double first = moments[one];
  const double second = moments[other];
  if (std::isnan(first) != std::isnan(second)) return std::isnan(second);
  return first == second || std::isnan(first) ? one < other : first < second;
}

std::vector<std::size_t> order_of_names(const std::vector<std::string>& names,
                                        const std::vector<std::uint64_t>& rows, bool dates,
                                        const std::vector<double>& moments) {
  std::vector<std::size_t> order(names.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const std::optional<std::vector<double>> numbers = numbers_of(names);
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    if (!moments.empty()) return is_earlier(moments, one, other);
    const bool ascending = dates || numbers;
    if (ascending && names[one].empty() != names[other].empty()) return names[other].empty();
    if (numbers && (*numbers)[one] != (*numbers)[other] && !names[one].empty())
      return (*numbers)[one] < (*numbers)[other];
    if (dates && names[one] != names[other]) return names[one] < names[other];
    if (!ascending && rows[one] != rows[other]) return rows[one] > rows[other];
    return one < other;
  });
  return order;
}

}  // namespace cauce::charts::drawing
