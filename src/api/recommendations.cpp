// Which charts suit a data set, judged by the summary of its latest version.
#include <nlohmann/json.hpp>

#include "api/data_desk.h"
#include "api/data_set_json.h"
#include "api/handlers.h"
#include "base/json_number.h"
#include "charts/recommend_json.h"

namespace cauce::api {
namespace {

using Parsed = nlohmann::json;

columns::Type type_of(const std::string& name) {
  for (const columns::Type type : {columns::Type::number, columns::Type::date,
                                   columns::Type::datetime, columns::Type::boolean}) {
    if (columns::name_of(type) == name) return type;
  }
  return columns::Type::text;
}

Result<std::vector<charts::ColumnSummary>> columns_of(const std::string& summary) {
  std::vector<charts::ColumnSummary> columns;
  try {
    const Parsed json = Parsed::parse(summary);
    for (const Parsed& column : json.at("columns")) {
      charts::ColumnSummary told;
      told.name = column.at("name").get<std::string>();
      told.type = type_of(column.at("type").get<std::string>());
      told.rows = whole<std::uint64_t>(json, "rows");
      // Dashes among numbers are missing too, and are counted apart.
      told.missing = whole<std::uint64_t>(column, "missing");
      if (column.contains("dashes")) told.missing += whole<std::uint64_t>(column, "dashes");
      told.distinct = whole<std::uint64_t>(column, "distinct");
      columns.push_back(std::move(told));
    }
  } catch (const Parsed::exception& damage) {
    return Error{Outcome::corrupt, damage.what()};
  }
  return columns;
}

}  // namespace

Result<Answer> recommend_charts(Call& call) {
  datasets::Store& store = call.house.data.store();
  const auto set = store.find(call.company, call.parameters[0], viewer_of(call));
  if (!set) return set.error();
  const auto summary = store.summary(call.company, *set, set->latest());
  if (!summary) return summary.error();
  const auto columns = columns_of(*summary);
  if (!columns) return columns.error().during("the summary of the data set " + set->id);
  return Answer{.json = charts::recommendations_json(*columns)};
}

}  // namespace cauce::api
