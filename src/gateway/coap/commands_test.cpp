// Commands for devices that speak CoAP.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "gateway/coap/house_test.h"

namespace cauce::gateway {
namespace {

using Texts = std::vector<std::string>;

struct CommandHouse : CoapHouse {
  std::uint16_t last_id = 0;

  TestMessage to(const std::vector<std::string>& path, coap::Code code, const Bytes& payload = {},
                 const std::string& by = "mote-1") {
    TestMessage message;
    message.id = ++last_id;
    message.code = code;
    for (const std::string& segment : path)
      message.options.emplace_back(11, segment);
    message.options.emplace_back(15, "token=token of " + by);
    message.payload = payload;
    return message;
  }
  TestMessage asking(const std::string& device = "mote-1") {
    return to({"devices", device, "commands"}, coap::Code::get, {}, device);
  }
  TestMessage saying(const std::string& id, const Bytes& what, const std::string& device = "mote-1",
                     const std::string& by = "mote-1") {
    return to({"devices", device, "commands", id, "result"}, coap::Code::post, what, by);
  }
  // What is answered, once the archive has read.
  Bytes answer_to(TestDatagrams& client, const TestMessage& message) {
    client.send(message.bytes());
    for (int turn = 0; turn < 200; ++turn) {
      sync();
      settle();
      const Bytes answer = client.next(1);
      if (!answer.empty()) return answer;
    }
    return {};
  }
  Bytes answer_to(const TestMessage& message) {
    TestDatagrams client(*loop, coap_address);
    return answer_to(client, message);
  }
  std::string code_of(const TestMessage& message) {
    return text_of(answer_to(message)).substr(4, 4);
  }
};

std::string payload_of(const Bytes& answer) {
  coap::Message message;
  REQUIRE(coap::read(answer, message) == coap::Verdict::good);
  return std::string(message.payload);
}

std::string id_in(const Bytes& answer) {
  return nlohmann::json::parse(payload_of(answer)).value("id", "");
}

}  // namespace

TEST_CASE_FIXTURE(CommandHouse,
                  "a device asks for its oldest command until it says what came of it") {
  start();
  CHECK(payload_of(answer_to(asking())) == "{}");
  give("c-1", "mote-1", "open");
  give("c-2", "mote-1", "shut");
  const Bytes first = answer_to(asking());
  CHECK(text_of(first).starts_with("ACK 2.05 2 tk 4="));
  CHECK(text_of(first).find(" 12=50 ") != std::string::npos);
  const auto command = nlohmann::json::parse(payload_of(first));
  CHECK(command.at("id") == "c-1");
  CHECK(command.at("payload") == "open");
  CHECK(command.at("content_type") == "text/plain");
  CHECK(command.at("expires_at") == format_time(clock.now() + std::chrono::hours{24}));
  CHECK(id_in(answer_to(asking())) == "c-1");
  CHECK(code_of(saying("c-1", "done")) == "2.04");
  CHECK(id_in(answer_to(asking())) == "c-2");
  CHECK(code_of(saying("c-2", "")) == "2.04");
  CHECK(payload_of(answer_to(asking())) == "{}");
  CHECK(steps() == Texts{"sent c-1", "answered c-1 done", "sent c-2", "answered c-2"});
}

TEST_CASE_FIXTURE(CommandHouse, "what only reads is served again when it comes again") {
  start();
  give("c-1", "mote-1", "open");
  TestDatagrams client(*loop, coap_address);
  const TestMessage request = asking();
  CHECK(id_in(answer_to(client, request)) == "c-1");
  CHECK(id_in(answer_to(client, request)) == "c-1");
  const TestMessage result = saying("c-1", "done");
  CHECK(text_of(answer_to(client, result)).starts_with("ACK 2.04"));
  CHECK(text_of(answer_to(client, result)).starts_with("ACK 2.04"));
  CHECK(messages() == Texts{"devices/mote-1/commands/c-1/result=done"});
}

TEST_CASE_FIXTURE(CommandHouse, "nobody gets another one's commands by CoAP, or answers them") {
  start();
  give("c-1", "mote-1", "open");
  CHECK(payload_of(answer_to(asking("mote-2"))) == "{}");
  CHECK(code_of(to({"devices", "mote-1", "commands"}, coap::Code::get, {}, "mote-2")) == "4.01");
  CHECK(code_of(saying("c-1", "done", "mote-1", "mote-2")) == "4.01");
  CHECK(code_of(saying("c-1", "done", "mote-2", "mote-2")) == "4.04");
  CHECK(code_of(saying("c-9", "done")) == "4.04");
  CHECK(steps().empty());
}

TEST_CASE_FIXTURE(CommandHouse, "a large command comes in blocks (RFC 7959 section 2.4)") {
  start();
  const std::string payload(1500, 'p');
  give("c-1", "mote-1", payload);
  const Bytes first = answer_to(asking());
  CHECK(text_of(first).find(" 23=14 ") != std::string::npos);  // number 0, more, 1,024 bytes
  std::string whole = payload_of(first);
  CHECK(whole.size() == 1024);
  TestMessage next = asking();
  next.options.emplace_back(23, number_bytes(1 << 4 | 6));
  const Bytes second = answer_to(next);
  CHECK(text_of(second).find(" 23=22 ") != std::string::npos);
  whole += payload_of(second);
  CHECK(nlohmann::json::parse(whole).at("payload") == payload);
  TestMessage small = asking();
  small.options.emplace_back(23, number_bytes(2 << 4 | 2));  // the third of 64 bytes
  CHECK(payload_of(answer_to(small)) == whole.substr(128, 64));
  TestMessage beyond = asking();
  beyond.options.emplace_back(23, number_bytes(2 << 4 | 6));
  CHECK(code_of(beyond) == "4.00");
}

TEST_CASE_FIXTURE(CommandHouse, "resources of commands know their method and their format") {
  start();
  give("c-1", "mote-1", "open");
  CHECK(code_of(to({"devices", "mote-1", "commands"}, coap::Code::post, "x")) == "4.05");
  CHECK(code_of(to({"devices", "mote-1", "commands", "c-1", "result"}, coap::Code::get)) == "4.05");
  CHECK(code_of(to({"devices", "mote-1", "commands", "c-1"}, coap::Code::get)) == "4.04");
  CHECK(code_of(to({"devices", "mote-1", "commands", "c-1", "result", "x"}, coap::Code::post)) ==
        "4.04");
  CHECK(code_of(with(asking(), 17, number_bytes(60))) == "4.06");
  CHECK(code_of(with(asking(), 17, number_bytes(50))) == "2.05");
}

}  // namespace cauce::gateway
