#include "app/stream_command.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/engines.h"
#include "base/clock.h"
#include "crypto/crypto.h"
#include "record/command.h"
#include "record/fact.h"
#include "record/message.h"
#include "record/reading.h"
#include "record/session.h"

namespace cauce::app {
namespace {

using nlohmann::json;
using stream::Partition;
using stream::Position;

struct StreamRead {
  std::filesystem::path data = default_data;
  std::string topic;
  std::string from;  // a position, a time, or empty for the oldest record
  std::string format = "json";
  std::uint64_t records_max = 0;  // 0: all there are
};

constexpr std::size_t read_bytes_max = 1 << 20;

bool is_printable(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) {
    return (byte >= ' ' && byte <= '~') || byte == '\n' || byte == '\t';
  });
}

void add_payload(json& line, BytesView payload) {
  if (is_printable(payload)) {
    line["payload"] = payload;
  } else {
    line["payload_base64url"] = crypto::to_base64url(payload);
  }
}

json to_json(const record::Value& value) {
  return std::visit([](const auto& held) { return json(held); }, value);
}

json to_json(const record::Origin& origin) {
  return {{"partition", origin.partition},
          {"position", origin.position},
          {"index", origin.index},
          {"replay", origin.replay}};
}

Result<void> describe_particulars(BytesView bytes, json& line) {
  const Result<record::Particulars> particulars = record::decode_particulars(bytes);
  if (!particulars) return particulars.error();
  line["kind"] = "particulars";
  line["at"] = format_time(particulars->at);
  line["qos"] = particulars->qos;
  line["retain"] = particulars->retain;
  line["will"] = particulars->is_will;
  if (!particulars->session.empty()) line["session"] = particulars->session;
  if (particulars->packet_id != 0) line["packet_id"] = particulars->packet_id;
  if (particulars->expires_at) line["expires_at"] = format_time(*particulars->expires_at);
  if (!particulars->properties.empty()) line["properties"] = to_hex(particulars->properties);
  return {};
}

Result<void> describe_change(BytesView bytes, json& line) {
  const Result<record::SessionChange> change = record::decode_session_change(bytes);
  if (!change) return change.error();
  line["kind"] = "session";
  line["at"] = format_time(change->at);
  line["event"] = record::name_of(change->event);
  if (!change->session.empty()) line["session"] = change->session;
  if (const auto* step = std::get_if<record::CommandStep>(&change->event)) {
    line["step"] = record::name_of(step->kind);
    line["company"] = step->company;
    line["device"] = step->device;
    line["command"] = step->id;
  }
  return {};
}

Result<void> describe_command(BytesView bytes, json& line) {
  const Result<record::CommandRecord> record = record::decode_command(bytes);
  if (!record) return record.error();
  if (const auto* withdrawal = std::get_if<record::Withdrawal>(&*record)) {
    line["kind"] = "withdrawal";
    line["id"] = withdrawal->id;
    line["company"] = withdrawal->company;
    line["device"] = withdrawal->device;
    line["at"] = format_time(withdrawal->at);
    return {};
  }
  const auto& command = std::get<record::Command>(*record);
  line["kind"] = "command";
  if (!command.id.empty()) line["id"] = command.id;
  line["company"] = command.message.company;
  line["device"] = command.message.device;
  line["given_at"] = format_time(command.message.received_at);
  line["expires_at"] = format_time(command.expires_at);
  if (!command.message.content_type.empty()) line["content_type"] = command.message.content_type;
  add_payload(line, command.message.payload);
  return {};
}

Result<void> describe_raw(BytesView bytes, json& line) {
  const Result<record::RawRecord> record = record::decode_raw(bytes);
  if (!record) return record.error();
  if (record->kind == record::RawKind::tick) {
    line["kind"] = "tick";
    line["at"] = format_time(record->at);
    return {};
  }
  if (record->kind == record::RawKind::particulars) return describe_particulars(bytes, line);
  if (record->kind == record::RawKind::session_change) return describe_change(bytes, line);
  const record::Message& message = record->message;
  line["kind"] = "message";
  line["company"] = message.company;
  line["device"] = message.device;
  line["topic"] = message.topic;
  line["received_at"] = format_time(message.received_at);
  if (!message.content_type.empty()) line["content_type"] = message.content_type;
  add_payload(line, message.payload);
  return {};
}

json describe(const record::Reading& reading) {
  return {{"kind", "reading"},
          {"company", reading.company},
          {"device", reading.device},
          {"metric", reading.metric},
          {"time", format_time(reading.time)},
          {"received_at", format_time(reading.received_at)},
          {"value", to_json(reading.value)},
          {"unit", reading.unit},
          {"origin", to_json(reading.origin)}};
}

json describe(const record::Undecodable& undecodable) {
  return {{"kind", "undecodable"},
          {"company", undecodable.company},
          {"device", undecodable.device},
          {"received_at", format_time(undecodable.received_at)},
          {"stage", undecodable.stage},
          {"reason", undecodable.reason},
          {"origin", to_json(undecodable.origin)}};
}

json describe(const record::Tick& tick) {
  return {{"kind", "tick"}, {"at", format_time(tick.at)}};
}

Result<void> describe_reading(BytesView bytes, json& line) {
  const Result<record::ReadingRecord> record = record::decode_reading(bytes);
  if (!record) return record.error();
  line.update(std::visit([](const auto& held) { return describe(held); }, *record));
  return {};
}

Result<void> describe_fact(BytesView bytes, json& line) {
  const Result<record::Fact> fact = record::decode_fact(bytes);
  if (!fact) return fact.error();
  line.update({{"kind", "fact"},
               {"company", fact->company},
               {"site", fact->site},
               {"area", fact->area},
               {"device", fact->device},
               {"device_type", fact->device_type},
               {"metric", fact->metric},
               {"time", format_time(fact->time)},
               {"received_at", format_time(fact->received_at)},
               {"value", to_json(fact->value)},
               {"unit", fact->unit},
               {"origin", to_json(fact->origin)}});
  return {};
}

Result<void> describe_record(std::string_view topic, BytesView bytes, json& line) {
  if (topic == "readings") return describe_reading(bytes, line);
  if (topic == "facts") return describe_fact(bytes, line);
  if (topic == "raw") return describe_raw(bytes, line);
  if (topic == "commands") return describe_command(bytes, line);
  line["kind"] = "event";
  line["event"] = json::parse(bytes, nullptr, false);
  return {};
}

void print_line(const Bytes& payload) {
  std::fwrite(payload.data(), 1, payload.size(), stdout);
  std::fputc('\n', stdout);
}

Result<void> print_payload(std::string_view topic, BytesView bytes) {
  if (topic == "raw") {
    const Result<record::RawRecord> record = record::decode_raw(bytes);
    if (!record) return record.error();
    if (record->is_message()) print_line(record->message.payload);
    return {};
  }
  if (topic == "commands") {
    const Result<record::CommandRecord> record = record::decode_command(bytes);
    if (!record) return record.error();
    const auto* command = std::get_if<record::Command>(&*record);
    if (command != nullptr) print_line(command->message.payload);
    return {};
  }
  return Error{Outcome::invalid, "--format payload is for the topics raw and commands"};
}

Result<Position> start_of(stream::Reader& reader, const std::string& from) {
  if (from.empty()) return reader.first(Partition{0});
  std::uint64_t number = 0;
  const char* end = from.data() + from.size();
  const auto [rest, failure] = std::from_chars(from.data(), end, number);
  if (rest == end && failure == std::errc{}) return Position{number};
  const Result<Time> time = parse_time(from);
  if (!time) return time.error().during("--from takes a position or a time");
  return reader.position_at(Partition{0}, *time);
}

Result<void> print_batch(const StreamRead& command, const stream::Batch& batch,
                         std::uint64_t records_max) {
  for (std::size_t index = 0; index < std::min<std::size_t>(batch.records.size(), records_max);
       ++index) {
    const BytesView record = batch.records[index];
    if (command.format == "payload") {
      if (const Result<void> printed = print_payload(command.topic, record); !printed) {
        return printed;
      }
      continue;
    }
    json line{{"position", batch.from.number + index}};
    if (const Result<void> described = describe_record(command.topic, record, line); !described) {
      return described.error().during(fmt::format("position {}", batch.from.number + index));
    }
    const std::string text = line.dump(-1, ' ', false, json::error_handler_t::replace);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fputc('\n', stdout);
  }
  return {};
}

Result<void> run_stream_read(const StreamRead& command) {
  const auto known = chosen_topics(command.data, command.topic);
  if (!known) return known.error();
  const SystemClock clock;
  const Engines engines{command.data, clock};
  Result<std::unique_ptr<stream::Reader>> reader = engines.topic(command.topic)->open_reader();
  if (!reader) return reader.error();
  Result<Position> position = start_of(**reader, command.from);
  if (!position) return position.error();
  std::uint64_t left = command.records_max == 0 ? UINT64_MAX : command.records_max;
  while (left > 0) {
    const Result<stream::Batch> batch = (*reader)->read(Partition{0}, *position, read_bytes_max);
    if (!batch) return batch.error();
    if (batch->is_lost()) {
      std::fprintf(stderr, "positions %llu to %llu were declared lost by cauce stream repair\n",
                   static_cast<unsigned long long>(batch->from.number),
                   static_cast<unsigned long long>(batch->to.number - 1));
      position = batch->to;
      continue;
    }
    if (batch->records.empty()) break;
    if (const Result<void> printed = print_batch(command, *batch, left); !printed) return printed;
    left -= std::min<std::uint64_t>(left, batch->records.size());
    position = batch->to;
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> chosen_topics(const std::filesystem::path& data,
                                               const std::string& topic) {
  std::vector<std::string> topics{topic_names.begin(), topic_names.end()};
  const bool is_known = std::find(topics.begin(), topics.end(), topic) != topics.end();
  if (!topic.empty() && !is_known) {
    return Error{Outcome::invalid,
                 fmt::format("there is no topic \"{}\"; topics are raw, readings, facts, events "
                             "and commands",
                             topic)};
  }
  if (auto found = check_data(data); !found) return found.error();
  if (!topic.empty()) topics = {topic};
  return topics;
}

void add_stream_command(Command program) {
  const auto command = std::make_shared<StreamRead>();
  Command stream = program.add_command("stream", "look into the stream");
  stream.require_command();
  Command read = stream.add_command("read", "print the records of a topic");
  read.add_option("--data", command->data, data_help);
  read.add_option("--topic", command->topic, "raw, readings, facts, events or commands").required();
  read.add_option("--from", command->from, "a position or a time; the oldest record otherwise");
  read.add_option("--format", command->format, "json or payload").one_of({"json", "payload"});
  read.add_option("--records", command->records_max, "at most so many");
  read.runs([command] { return run_stream_read(*command); });
  add_stream_describe(stream);
  add_stream_verify(stream);
  add_stream_repair(stream);
}

}  // namespace cauce::app
