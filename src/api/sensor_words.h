// What the columns of sensors' charts are called: their names (sensor_table.h,
// warehouse/facts_table.h) are made for calls.
#pragma once

#include <vector>

#include "charts/request.h"

namespace cauce::api {

// As the page's lists of columns call them. English has none: there the names themselves are words.
std::vector<charts::ColumnWords> words_of_sensors(charts::Locale locale);

}  // namespace cauce::api
