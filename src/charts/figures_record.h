// Figures as bytes, so that a chart that was computed once is drawn again without reading its
// table: in another size, theme, language or format.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "charts/figures.h"

namespace cauce::charts {

Bytes to_bytes(const Figures& figures);

// corrupt: these are not bytes that to_bytes of this version wrote. Of any bytes: it ends, and
// holds no more memory than a few times their number.
Result<Figures> figures_from_bytes(BytesView bytes);

}  // namespace cauce::charts
