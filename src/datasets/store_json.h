// The text of set.json, format 1:
//   {"format": 1, "id", "name", "owner", "created_at", "expires_at": null or a time,
//    "versions": [{"number", "bytes", "sha256", "file_name", "owner", "suffix", "rows",
//                  "created_at"}]}
// Times are microseconds since 1970 UTC.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "datasets/store.h"

namespace cauce::datasets {

Bytes to_json(const DataSet& set);

// corrupt: it is not what to_json wrote. unsupported: a later version did.
Result<DataSet> set_from_json(BytesView text);

}  // namespace cauce::datasets
