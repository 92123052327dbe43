// The words of a chart in Spanish and English: title, method, footer.
#pragma once

#include <string>
#include <vector>

#include "charts/figures.h"

namespace cauce::charts::drawing {

// The title asked for, else one made of the columns: "Body mass (g) by species".
std::string title_of(const Figures& figures, const Request& request);

// What is shown and by which method.
std::string subtitle_of(const Figures& figures, const Request& request);

// The name of what a bar shows: "Mean".
std::string_view name_of(Aggregate aggregate, Locale locale);

// What bars show, for their axis: "Mean body mass (g)".
std::string label_of_bars(const BarFigures& bars, const Request& request);

// What the colours of a heat map mean: "Mean body mass (g)", "Rows".
std::string label_of_heat(const HeatFigures& heat, const Request& request);

// The colour column is one of numbers, not of categories.
bool colours_by_number(const Figures& figures, const Request& request);

// Why a group has no density curve of this column, in the chart's language.
std::string reason_of(const DensityGroup& group, const std::string& column, Locale locale);

// Why a panel has nothing to draw.
std::string reason_of(const Panel& panel, const Request& request);

// A count, a sum or a median as it is, a mean with four digits.
std::string value_text(double value, Aggregate aggregate, Locale locale);

// What a bar of this group is as long as.
double bar_value(const BarGroup& group, Aggregate aggregate);

}  // namespace cauce::charts::drawing
