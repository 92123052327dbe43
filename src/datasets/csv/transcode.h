// Sources of other encodings become sources of UTF-8.
#pragma once

#include <memory>

#include "datasets/byte_source.h"
#include "datasets/csv/dialect.h"

namespace cauce::datasets::csv {

// The bytes of `source` as UTF-8, without a byte order mark. UTF-8 itself is not checked. A
// surrogate of UTF-16 without its other half becomes U+FFFD; the five bytes that Windows-1252
// leaves open become the control characters of Latin-1.
std::unique_ptr<ByteSource> to_utf8(std::unique_ptr<ByteSource> source, Encoding encoding);

}  // namespace cauce::datasets::csv
