#include <fmt/core.h>

#include "api/body.h"
#include "api/device.h"
#include "api/handlers.h"
#include "record/message.h"

namespace cauce::api {

// 202 when the command is durable: the gateway then delivers it, also after a crash.
Result<Answer> send_command(Call& call) {
  const auto device = device_of(call, call.parameters[0]);
  if (!device) return device.error();
  Body body(call.request.body);
  bool is_json = false;
  record::Message message;
  message.payload = body.payload("payload", is_json);
  if (const auto fault = body.fault()) return *fault;
  message.company = call.company;
  message.device = (*device)->name;
  message.topic = record::commands_topic(message.device);
  message.received_at = call.house.clock.now();
  message.content_type = is_json ? "application/json" : "text/plain";

  std::vector<Bytes> records;
  records.push_back(record::encode(message));
  const auto acknowledge = [finish = call.finish,
                            topic = message.topic](const Result<stream::Position>& first) {
    if (!first) return finish(first.error());
    finish(answer(202, {{"position", first->number}, {"topic", topic}}));
  };
  const auto appended =
      call.house.commands.append(stream::Partition{0}, std::move(records), acknowledge);
  if (!appended) return appended.error();
  return Answer::deferred();
}

}  // namespace cauce::api
