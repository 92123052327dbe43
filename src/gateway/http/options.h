// The limits of HTTP ingest.
#pragma once

#include <cstddef>

#include "base/time.h"
#include "gateway/http/body.h"
#include "net/http.h"

namespace cauce::gateway::http {

struct IngestOptions {
  BodyLimits body;
  std::size_t body_bytes_max = 4 << 20;           // of one request, more: 413
  std::size_t connections_max = 4096;             // more: accepted and closed
  std::size_t incomplete_bytes_max = 128u << 20;  // of requests that have not come whole: 503
  std::size_t waiting_bytes_max = 64u << 20;      // of requests the stream has no room for: 503
  // Of NDJSON, which is taken while it comes: requests at a time and what they hold, more: 503; and
  // of each what is not durable yet, then it is not read.
  std::size_t uploads_max = 256;
  std::size_t upload_memory_bytes_max = 256u << 20;
  std::size_t upload_messages_in_flight_max = 4096;
  std::size_t upload_bytes_in_flight_max = 1 << 20;
  Duration answer_span_max = std::chrono::seconds{20};  // not durable by then: 503
};

}  // namespace cauce::gateway::http
