// The limits of CoAP: of each of its doors, in the clear and by DTLS.
#pragma once

#include "gateway/coap/blocks.h"
#include "gateway/coap/endpoint.h"
#include "net/dtls.h"

namespace cauce::gateway::coap {

struct IngestOptions {
  EndpointLimits endpoint;
  BlockLimits blocks;
  net::DtlsLimits dtls;
  Duration answer_span_max = std::chrono::seconds{20};  // not durable by then: 5.03
};

}  // namespace cauce::gateway::coap
