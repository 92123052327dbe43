// Each kind of chart, drawn onto a sheet that has its headings.
#pragma once

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

void draw(Sheet& sheet, const ScatterFigures& scatter);
void draw(Sheet& sheet, const BarFigures& bars);
void draw(Sheet& sheet, const BoxFigures& boxes);
void draw(Sheet& sheet, const DensityFigures& density);
void draw(Sheet& sheet, const HistogramFigures& histogram);
void draw(Sheet& sheet, const EcdfFigures& ecdf);
void draw(Sheet& sheet, const LineFigures& lines);
void draw(Sheet& sheet, const HeatFigures& heat);
void draw(Sheet& sheet, const SurfaceFigures& surface);
void draw(Sheet& sheet, const PairsFigures& pairs);

}  // namespace cauce::charts::drawing
