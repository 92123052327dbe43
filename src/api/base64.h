// Bytes as text in JSON.
#pragma once

#include <string>

#include "base/bytes.h"

namespace cauce::api {

// RFC 4648 section 4, with padding.
std::string to_base64(BytesView bytes);

}  // namespace cauce::api
