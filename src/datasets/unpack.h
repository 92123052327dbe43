// Compressed files become sources of what was compressed, piece by piece and with bounded memory.
#pragma once

#include <memory>

#include "datasets/byte_source.h"
#include "packing/unpacker.h"

namespace cauce::datasets {

// `read` answers invalid where the stream is damaged or cut off, or a limit is passed.
Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source,
                                             packing::Packing packing,
                                             const packing::UnpackLimits& limits = {});

}  // namespace cauce::datasets
