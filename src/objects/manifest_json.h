// The text of a manifest entry: {"crc32c":"89abcdef","entry":{…}}, as docs/formats/manifest.md
// says.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "objects/manifest.h"

namespace cauce::objects {

Bytes to_json(const ManifestEntry& entry);

// `corrupt` unless the bytes are exactly what to_json wrote, `unsupported` when a later version of
// the format did.
Result<ManifestEntry> from_json(BytesView bytes);

}  // namespace cauce::objects
