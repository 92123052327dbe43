// A cloud of very many points as one picture with a transparent ground, for formats in which each
// point by itself would be too much.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "charts/drawing/scene.h"

namespace cauce::charts::drawing {

struct Snapshot {
  double x = 0, y = 0, width = 0, height = 0;  // where it lies in the scene
  Bytes png;
};

// Twice as many pixels as CSS pixels, and at most 256 colours.
Result<Snapshot> snapshot_of(const Cloud& cloud);

}  // namespace cauce::charts::drawing
