// Whatever comes in a datagram: reading ends, its views stay inside, what is good can be written
// down again with the same options, and the endpoint answers with messages that can be read.
#include <cstdint>

#include "base/invariant.h"
#include "gateway/coap/blocks.h"
#include "gateway/coap/endpoint.h"
#include "gateway/coap/request.h"

namespace {

using namespace cauce;
using namespace cauce::gateway::coap;

bool is_inside(BytesView part, BytesView whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

// Serves as the gateway does, without one: blocks, and every whole payload is accepted.
class FuzzedServer final : public Endpoint::Server {
 public:
  explicit FuzzedServer(Random& random) : endpoint(*this, random, {.exchanges_max = 8}) {}

  Served on_request(std::uint64_t exchange, const Peer& peer, const Message& request) override {
    const auto asked = read_request(request);
    if (const auto* refused = std::get_if<Response>(&asked)) return *refused;
    const auto& wanted = std::get<Asked>(asked);
    (void)content_type_of(wanted.content_format);
    if (wanted.block) {
      const auto put =
          blocks.put(peer, wanted.device, wanted.device, request, *wanted.block, 0, now);
      if (const auto* answer = std::get_if<Response>(&put)) return *answer;
      INVARIANT(std::get<Blocks::Whole>(put).payload.size() <= 4096);
    }
    const FairShare::Owner owner = endpoint.shares().owner(wanted.device);
    if (!endpoint.shares().has_room(owner, 1)) return Response{Code::unavailable, {}, {}};
    accepted.push_back(exchange);
    return Accepted{owner};
  }
  void send(const Peer&, BytesView datagram) override {
    Message message;
    INVARIANT(read(datagram, message) == Verdict::good);
    INVARIANT(datagram.size() <= 512);
  }

  Duration now{0};
  Blocks blocks{{.payload_bytes_max = 4096, .bytes_max = 16 << 10}};
  std::vector<std::uint64_t> accepted;
  Endpoint endpoint;
};

void check_message(BytesView datagram) {
  Message message;
  if (read(datagram, message) != Verdict::good) return;
  INVARIANT(message.token.size() <= 8 && message.options.size() <= options_max);
  INVARIANT(is_inside(message.token, datagram) && is_inside(message.payload, datagram));
  std::uint32_t last = 0;
  Response same{message.code, {}, std::string(message.payload)};
  for (const Option& option : message.options) {
    INVARIANT(is_inside(option.value, datagram));
    INVARIANT(std::uint32_t(option.number) >= last);
    last = std::uint32_t(option.number);
    if (const auto number = number_of(option.value, 4))
      same.options.push_back({option.number, *number});
  }
  if (message.code == Code::empty) return;
  const Bytes written = write(message.type, message.id, message.token, same);
  Message again;
  INVARIANT(read(written, again) == Verdict::good);
  INVARIANT(again.payload == message.payload && again.token == message.token);
  INVARIANT(again.options.size() == same.options.size());
}

}  // namespace

// The input is datagrams, each behind a byte that says its length, in parts of four.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  BytesView rest(reinterpret_cast<const char*>(bytes), size);
  check_message(rest);
  SeededRandom random(1);
  FuzzedServer server(random);
  while (!rest.empty()) {
    const std::size_t length = std::size_t(std::uint8_t(rest[0])) * 4;
    rest.remove_prefix(1);
    const BytesView datagram = rest.substr(0, length);
    rest.remove_prefix(datagram.size());
    check_message(datagram);
    server.endpoint.receive("peer", datagram, server.now);
    INVARIANT(server.endpoint.exchanges() == server.endpoint.shares().used());
    INVARIANT(server.endpoint.exchanges() <= 8 && server.blocks.bytes() <= (16 << 10));
    if (server.accepted.size() % 2 == 1) {
      server.endpoint.answer(server.accepted.back(), {Code::changed, {}, {}}, server.now);
    }
    server.now += std::chrono::milliseconds{700};
    server.endpoint.look_around(server.now);
    server.blocks.look_around(server.now);
  }
  return 0;
}
