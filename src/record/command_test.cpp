#include "record/command.h"

#include <doctest/doctest.h>

#include <fstream>

namespace cauce::record {
namespace {

constexpr Time at = from_microseconds(1'795'304'920'250'000);

Bytes golden(const std::string& name) {
  std::ifstream file{GOLDEN_DIRECTORY "/" + name + ".hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes bytes;
  REQUIRE(from_hex(line, bytes));
  return bytes;
}

// The values of contract/golden/*.json.
Command golden_command() {
  Command command;
  command.id = "c-7";
  command.expires_at = at + std::chrono::hours{1};
  command.message.company = "acme";
  command.message.device = "mote-1";
  command.message.topic = "devices/mote-1/commands";
  command.message.received_at = at;
  command.message.content_type = "application/json";
  command.message.payload = R"({"valve":"open"})";
  return command;
}

Withdrawal golden_withdrawal() {
  return {at, "acme", "mote-1", "c-7"};
}

void refuses_every_cut_and_tail(const Bytes& bytes) {
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE(decode_command(BytesView{bytes}.substr(0, size)).error().outcome == Outcome::invalid);
  CHECK(decode_command(bytes + '\0').error().outcome == Outcome::invalid);
}

}  // namespace

TEST_CASE("commands are written as the golden files and read back from them") {
  CHECK(to_hex(encode(golden_command())) == to_hex(golden("command")));
  CHECK(std::get<Command>(*decode_command(golden("command"))) == golden_command());
  CHECK(to_hex(encode(golden_withdrawal())) == to_hex(golden("withdrawal")));
  CHECK(std::get<Withdrawal>(*decode_command(golden("withdrawal"))) == golden_withdrawal());
  refuses_every_cut_and_tail(golden("command"));
  refuses_every_cut_and_tail(golden("withdrawal"));
}

TEST_CASE("a message in the topic of commands is one without an id that waits for a day") {
  const Message message = golden_command().message;
  const auto command = std::get<Command>(*decode_command(encode(message)));
  CHECK(command.id.empty());
  CHECK(command.message == message);
  CHECK(command.expires_at == at + std::chrono::hours{24});
  CHECK(decode_command(encode(Tick{at})).error().outcome == Outcome::invalid);
}

TEST_CASE("what belongs into raw is no command, and a command is nothing of raw") {
  CHECK_FALSE(decode_raw(encode(golden_command())));
  CHECK_FALSE(raw_kind(encode(golden_command())));
}

}  // namespace cauce::record
