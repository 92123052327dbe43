#include "charts/recommend.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::charts {

namespace {

using columns::Type;

// As many boxes and bars as can be read one by one, and as many colours as can be told apart.
constexpr std::uint64_t boxes_max = 30;
constexpr std::uint64_t bars_max = 50;
constexpr std::uint64_t colors_max = 7;
// Of fewer values each is seen as a point, while a box would make much of little.
constexpr std::uint64_t values_for_a_box = 10;
constexpr std::size_t pairs_columns = 4;

bool has_several_values(const ColumnSummary& column) {
  return column.distinct >= 2 && column.rows > column.missing;
}

// Numbers that name something (a year, a number of cylinders) have few values; those that
// distinguish rows have as many as there are rows, and so have measurements: only text tells.
bool is_measured(const ColumnSummary& column) {
  return column.type == Type::number && has_several_values(column);
}

bool is_time(const ColumnSummary& column) {
  const bool dated = column.type == Type::date || column.type == Type::datetime;
  return dated && column.distinct >= 3;
}

bool is_category(const ColumnSummary& column, std::uint64_t distinct_max) {
  const bool named = column.type == Type::text || column.type == Type::boolean;
  const bool repeats = 2 * column.distinct <= column.rows - column.missing;
  return named && has_several_values(column) && column.distinct <= distinct_max && repeats;
}

// More values say more, missing cells say nothing.
double worth(const ColumnSummary& column) {
  const auto there = double(column.rows - column.missing);
  return there / double(column.rows) * (column.distinct > 12 ? 2 : 1);
}

class Recommender {
 public:
  Recommender(const std::vector<ColumnSummary>& columns, Locale locale) : locale_(locale) {
    for (const ColumnSummary& column : columns) {
      if (is_measured(column)) {
        keep_best_two(column);
        all_measured_.push_back(column.name);
      }
      if (time_ == nullptr && is_time(column)) time_ = &column;
      keep_fewest(category_, column, bars_max);
      keep_fewest(color_, column, colors_max);
    }
  }

  std::vector<Recommendation> best() {
    if (time_ != nullptr && measured_ != nullptr) {
      add(Kind::line, time_->name, measured_->name,
          say("{1} over time: trends and gaps show along {0}",
              "{1} en el tiempo: tendencias y huecos se ven a lo largo de {0}"));
    } else if (measured_ != nullptr && second_ != nullptr) {
      add(Kind::scatter, measured_->name, second_->name,
          say("{0} and {1} are both measured: points show whether they go together",
              "{0} y {1} son medidas: los puntos muestran si van juntas"));
      if (color_ != nullptr) found_.back().request.color = color_->name;
    }
    add_groups();
    if (measured_ != nullptr) {
      const bool few = measured_->distinct <= 30;
      add(few ? Kind::histogram : Kind::density, measured_->name, "",
          say("how the values of {0} are distributed, where they gather and how far they reach",
              "cómo se reparten los valores de {0}, dónde se juntan y hasta dónde llegan"));
    }
    if (found_.size() < recommendations_max && all_measured_.size() > 2) {
      add(Kind::pairs, "", "",
          say("which of the measured columns go together, each against each other",
              "qué medidas van juntas, cada una frente a cada otra"));
      all_measured_.resize(std::min(all_measured_.size(), pairs_columns));
      found_.back().request.columns = all_measured_;
      if (color_ != nullptr) found_.back().request.color = color_->name;
    }
    if (found_.size() < recommendations_max && category_ != nullptr) {
      add(Kind::bar, category_->name, "",
          say("how many rows each value of {0} has", "cuántas filas tiene cada valor de {0}"));
    }
    if (found_.size() > recommendations_max) found_.resize(recommendations_max);
    return std::move(found_);
  }

 private:
  void keep_best_two(const ColumnSummary& column) {
    if (measured_ == nullptr || worth(column) > worth(*measured_)) {
      second_ = measured_;
      measured_ = &column;
    } else if (second_ == nullptr || worth(column) > worth(*second_)) {
      second_ = &column;
    }
  }

  static void keep_fewest(const ColumnSummary*& kept, const ColumnSummary& column,
                          std::uint64_t distinct_max) {
    if (!is_category(column, distinct_max)) return;
    if (kept == nullptr || column.missing < kept->missing) kept = &column;
  }

  void add_groups() {
    if (category_ == nullptr || measured_ == nullptr) return;
    if (category_->distinct <= boxes_max && rows_of_a_group() < values_for_a_box) {
      add(Kind::box, "", measured_->name,
          say("the few values of {1} for each value of {2}, each as a point",
              "los pocos valores de {1} por cada valor de {2}, cada uno como un punto"));
      found_.back().request.by = category_->name;
      found_.back().request.marks = Marks::strip;
    } else if (category_->distinct <= boxes_max) {
      add(Kind::box, "", measured_->name,
          say("{1} compared between the values of {2}: middle, spread and outliers",
              "{1} comparado entre los valores de {2}: centro, dispersión y valores atípicos"));
      found_.back().request.by = category_->name;
    } else {
      add(Kind::bar, category_->name, measured_->name,
          say("the mean of {1} for each value of {0}", "la media de {1} para cada valor de {0}"));
    }
  }

  std::uint64_t rows_of_a_group() const {
    return (measured_->rows - measured_->missing) / category_->distinct;
  }

  std::string say(std::string_view english, std::string_view spanish) const {
    return std::string(locale_ == Locale::es ? spanish : english);
  }

  // In the reason {0} is x, {1} is y and {2} the category.
  void add(Kind kind, const std::string& x, const std::string& y, const std::string& reason) {
    Recommendation recommendation;
    recommendation.request.kind = kind;
    recommendation.request.x = x;
    recommendation.request.y = y;
    recommendation.request.locale = locale_;
    const std::string category = category_ == nullptr ? "" : category_->name;
    recommendation.reason = fmt::format(fmt::runtime(reason), x, y, category);
    found_.push_back(std::move(recommendation));
  }

  const Locale locale_;
  const ColumnSummary* measured_ = nullptr;  // the best column of numbers, and the second
  const ColumnSummary* second_ = nullptr;
  std::vector<std::string> all_measured_;
  const ColumnSummary* time_ = nullptr;
  const ColumnSummary* category_ = nullptr;
  const ColumnSummary* color_ = nullptr;
  std::vector<Recommendation> found_;
};

}  // namespace

std::vector<Recommendation> recommend(const std::vector<ColumnSummary>& columns, Locale locale) {
  return Recommender{columns, locale}.best();
}

}  // namespace cauce::charts
