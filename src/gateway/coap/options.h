// The limits of CoAP.
#pragma once

#include "gateway/coap/blocks.h"
#include "gateway/coap/endpoint.h"

namespace cauce::gateway::coap {

struct IngestOptions {
  EndpointLimits endpoint;
  BlockLimits blocks;
  Duration answer_span_max = std::chrono::seconds{20};  // not durable by then: 5.03
};

}  // namespace cauce::gateway::coap
