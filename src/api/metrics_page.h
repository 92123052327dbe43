// GET /metrics: what the processes count, and what only the installation as a whole shows.
#pragma once

#include "api/call.h"

namespace cauce::api {

// Whether this request may see the metrics without a token: only this machine can ask, and it does
// not ask for somebody else, as a proxy does.
bool may_see_metrics_unasked(const Options& options, const net::Request& request);

// On the worker's thread.
Result<Answer> show_metrics(Call& call);

}  // namespace cauce::api
