#include "gateway/handed_command.h"

namespace cauce::gateway {

Json to_json(const broker::Broker::Handed& handed, BytesView payload) {
  return {{"id", handed.id},
          {"expires_at", format_time(handed.expires_at)},
          {"content_type", handed.content_type},
          {"payload", payload}};
}

}  // namespace cauce::gateway
