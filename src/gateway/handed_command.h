// A command as a device gets it that asks for it by HTTP or CoAP.
#pragma once

#include "base/bytes.h"
#include "base/json.h"
#include "gateway/broker/broker.h"

namespace cauce::gateway {

// {"id": …, "expires_at": …, "content_type": …, "payload": …}
Json to_json(const broker::Broker::Handed& handed, BytesView payload);

}  // namespace cauce::gateway
