#include "gateway/coap/endpoint.h"

#include <doctest/doctest.h>

#include "gateway/coap/test_message.h"

namespace cauce::gateway::coap {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// An endpoint on a clock that is turned by hand, and what it sends.
struct Story : Endpoint::Server {
  SeededRandom random{7};
  EndpointLimits limits;
  std::optional<Endpoint> endpoint;
  Duration now{0};
  std::vector<std::uint64_t> accepted;
  std::vector<std::string> sent;    // "peer: text"
  std::optional<Response> at_once;  // the answer, when there is one
  const Response changed{Code::changed, {}, {}};

  void begin() { endpoint.emplace(*this, random, limits); }

  Served on_request(std::uint64_t exchange, const Peer&, const Message&) override {
    if (at_once) return *at_once;
    accepted.push_back(exchange);
    return Accepted{endpoint->shares().owner("acme")};
  }
  void send(const Peer& peer, BytesView datagram) override {
    sent.push_back(peer + ": " + text_of(datagram));
  }

  void receive(const TestMessage& message, const Peer& peer = "peer") {
    endpoint->receive(peer, message.bytes(), now);
  }
  void pass(Duration span) {
    now += span;
    endpoint->look_around(now);
  }
  std::vector<std::string> take_sent() { return std::exchange(sent, {}); }
};

using Texts = std::vector<std::string>;

TestMessage request(std::uint16_t id, Type type = Type::confirmable) {
  TestMessage message;
  message.id = id;
  message.type = type;
  return message;
}

}  // namespace

TEST_CASE_FIXTURE(Story, "what is done soon is answered in its acknowledgement (section 5.2.1)") {
  begin();
  receive(request(7));
  CHECK(take_sent().empty());
  endpoint->answer(accepted.at(0), changed, now);
  CHECK(take_sent() == Texts{"peer: ACK 2.04 7 tk"});
  at_once = Response{Code::not_found, {}, "no"};
  receive(request(8));
  CHECK(take_sent() == Texts{"peer: ACK 4.04 8 tk no"});
}

TEST_CASE_FIXTURE(Story,
                  "a message that comes again is served once and answered again (section 4.5)") {
  begin();
  receive(request(7));
  receive(request(7));
  CHECK(accepted.size() == 1);
  CHECK(take_sent().empty());
  endpoint->answer(accepted[0], {Code::changed, {{Number::block1, 0x26}}, {}}, now);
  CHECK(take_sent() == Texts{"peer: ACK 2.04 7 tk 27=38"});
  now += limits.exchange_lifetime - Duration{1};
  endpoint->look_around(now);
  receive(request(7));
  CHECK(take_sent() == Texts{"peer: ACK 2.04 7 tk 27=38"});
  CHECK(accepted.size() == 1);
  pass(Duration{1});
  receive(request(7));
  CHECK(accepted.size() == 2);
}

TEST_CASE_FIXTURE(Story, "the same id of another peer is another message") {
  begin();
  receive(request(7), "one");
  receive(request(7), "two");
  CHECK(accepted.size() == 2);
  endpoint->answer(accepted[1], changed, now);
  CHECK(take_sent() == Texts{"two: ACK 2.04 7 tk"});
}

TEST_CASE_FIXTURE(Story,
                  "what takes longer is acknowledged first and answered later (section 5.2.2)") {
  begin();
  receive(request(7));
  pass(limits.piggyback_span - Duration{1});
  CHECK(take_sent().empty());
  pass(Duration{1});
  CHECK(take_sent() == Texts{"peer: ACK 0.00 7 "});
  receive(request(7));
  CHECK(take_sent() == Texts{"peer: ACK 0.00 7 "});
  endpoint->answer(accepted.at(0), changed, now);
  const Texts answer = take_sent();
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].starts_with("peer: CON 2.04 "));
  CHECK(answer[0].ends_with(" tk"));
  CHECK(accepted.size() == 1);
}

TEST_CASE_FIXTURE(Story,
                  "a late answer comes again until it is acknowledged, and not for ever (4.2)") {
  begin();
  for (const char* const peer : {"hears", "deaf"}) {
    receive(request(7), peer);
    pass(limits.piggyback_span);
    endpoint->answer(accepted.back(), changed, now);
  }
  const Texts first = take_sent();
  REQUIRE(first.size() == 4);
  TestMessage acknowledgement;
  acknowledgement.type = Type::acknowledgement;
  acknowledgement.code = Code::empty;
  acknowledgement.token = "";
  acknowledgement.id =
      std::uint16_t(std::stoi(first[1].substr(std::string("hears: CON 2.04 ").size())));
  receive(acknowledgement, "hears");
  CHECK(endpoint->unacknowledged() == 1);
  pass(limits.ack_timeout - Duration{1});
  CHECK(take_sent().empty());
  Texts again;
  for (int second = 0; second < 120; ++second) {
    pass(seconds{1});
    for (const std::string& text : take_sent())
      again.push_back(text);
  }
  CHECK(again == Texts(std::size_t(limits.retransmissions_max), first[3]));
  CHECK(endpoint->unacknowledged() == 0);
}

TEST_CASE_FIXTURE(Story,
                  "a client that rejects a late answer does not hear it again (section 4.2)") {
  begin();
  receive(request(7));
  pass(limits.piggyback_span);
  endpoint->answer(accepted.at(0), changed, now);
  TestMessage reset;
  reset.type = Type::reset;
  reset.code = Code::empty;
  reset.token = "";
  const Texts answer = take_sent();
  reset.id = std::uint16_t(std::stoi(answer.at(1).substr(std::string("peer: CON 2.04 ").size())));
  receive(reset);
  pass(seconds{100});
  CHECK(take_sent().empty());
}

TEST_CASE_FIXTURE(Story,
                  "what is not confirmable is answered alike, and known for a shorter time") {
  begin();
  receive(request(7, Type::non_confirmable));
  pass(limits.piggyback_span);
  CHECK(take_sent().empty());
  endpoint->answer(accepted.at(0), changed, now);
  const Texts answer = take_sent();
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].starts_with("peer: NON 2.04 "));
  receive(request(7, Type::non_confirmable));
  CHECK(take_sent().empty());
  CHECK(accepted.size() == 1);
  pass(limits.non_lifetime);
  receive(request(7, Type::non_confirmable));
  CHECK(accepted.size() == 2);
}

TEST_CASE_FIXTURE(Story, "what failed is forgotten and may come again") {
  begin();
  receive(request(7));
  endpoint->answer(accepted.at(0), {Code::unavailable, {{Number::max_age, 1}}, {}}, now);
  CHECK(take_sent() == Texts{"peer: ACK 5.03 7 tk 14=1"});
  CHECK(endpoint->exchanges() == 0);
  CHECK(endpoint->shares().used() == 0);
  receive(request(7));
  CHECK(accepted.size() == 2);
  // Of an exchange that is over, nothing is said.
  endpoint->answer(accepted[0], changed, now);
  CHECK(take_sent().empty());
}

TEST_CASE_FIXTURE(Story, "so many requests are remembered and not one more") {
  limits.exchanges_max = 2;
  begin();
  receive(request(1));
  receive(request(2));
  receive(request(3));
  CHECK(accepted.size() == 2);
  CHECK(take_sent() ==
        Texts{"peer: ACK 5.03 3 tk 14=1 Too many requests are under way: send it again."});
  receive(request(2));
  pass(limits.exchange_lifetime);
  CHECK(endpoint->shares().used() == 0);
  receive(request(3));
  CHECK(accepted.size() == 3);
  CHECK(endpoint->shares().used() == 1);
}

TEST_CASE_FIXTURE(Story,
                  "what is no request is rejected, and a ping is answered (sections 4.2, 4.3)") {
  begin();
  TestMessage ping;
  ping.code = Code::empty;
  ping.token = "";
  receive(ping);
  CHECK(take_sent() == Texts{"peer: RST 0.00 1 "});
  TestMessage response;
  response.code = Code::changed;
  receive(response);
  CHECK(take_sent() == Texts{"peer: RST 0.00 1 "});
  endpoint->receive("peer", request(9).bytes() + "\xFF", now);
  CHECK(take_sent() == Texts{"peer: RST 0.00 9 "});
  endpoint->receive("peer", request(9, Type::non_confirmable).bytes() + "\xFF", now);
  endpoint->receive("peer", "\x80\x01\x01\x01", now);
  response.type = Type::non_confirmable;
  receive(response);
  CHECK(take_sent().empty());
  CHECK(accepted.empty());
}

}  // namespace cauce::gateway::coap
