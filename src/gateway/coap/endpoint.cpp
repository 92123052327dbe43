#include "gateway/coap/endpoint.h"

#include <utility>

namespace cauce::gateway::coap {
Endpoint::Endpoint(Server& server, Random& random, const EndpointLimits& limits)
    : server_(server), random_(random), limits_(limits), shares_(limits.exchanges_max) {
  // Section 4.4: it begins anywhere.
  const Bytes id = random_.bytes(2);
  last_id_ = std::uint16_t(std::uint8_t(id[0]) << 8 | std::uint8_t(id[1]));
}

std::string Endpoint::key_of(const Peer& peer, std::uint16_t id) {
  std::string key = peer;
  key += char(id >> 8);
  key += char(id & 0xFF);
  return key;
}

Peer Endpoint::peer_of(const std::string& key) {
  return key.substr(0, key.size() - 2);
}

void Endpoint::receive(const Peer& peer, BytesView datagram, Duration now) {
  const Verdict verdict = read(datagram, message_);
  if (verdict == Verdict::foreign) return;
  if (message_.type == Type::acknowledgement || message_.type == Type::reset) {
    unacknowledged_.erase(key_of(peer, message_.id));
    return;
  }
  if (verdict == Verdict::good && is_request(message_.code)) return serve(peer, message_, now);
  // Section 4.2: what is not a request is rejected, a ping (section 4.3) alike.
  if (message_.type == Type::confirmable) server_.send(peer, write_empty(Type::reset, message_.id));
}

void Endpoint::serve(const Peer& peer, const Message& request, Duration now) {
  std::string key = key_of(peer, request.id);
  if (const auto known = exchanges_.find(key); known != exchanges_.end())
    return repeat(peer, known->second);
  Exchange exchange;
  exchange.number = ++last_exchange_;
  exchange.id = request.id;
  exchange.type = request.type;
  exchange.token_size =
      std::uint8_t(request.token.copy(exchange.token_bytes.data(), exchange.token_bytes.size()));
  exchange.since = now;
  if (exchanges_.size() >= limits_.exchanges_max) {
    const Response full{Code::unavailable,
                        {{Number::max_age, 1}},
                        "Too many requests are under way: send it again."};
    return respond(peer, exchange, full);
  }
  const auto served = server_.on_request(exchange.number, peer, request);
  if (const auto* answer = std::get_if<Response>(&served)) return respond(peer, exchange, *answer);
  exchange.owner = std::get<Server::Accepted>(served).owner;
  shares_.take(exchange.owner, 1);
  const bool confirmable = request.type == Type::confirmable;
  (confirmable ? confirmable_ : non_confirmable_)
      .push_back({key, exchange.number,
                  now + (confirmable ? limits_.exchange_lifetime : limits_.non_lifetime)});
  if (confirmable) unanswered_.push_back(exchange.number);
  open_.emplace(exchange.number, key);
  exchanges_.emplace(std::move(key), std::move(exchange));
}

// Section 4.5: with the same acknowledgement.
void Endpoint::repeat(const Peer& peer, const Exchange& exchange) {
  if (exchange.acknowledged)
    return server_.send(peer, write_empty(Type::acknowledgement, exchange.id));
  if (exchange.answer == Code::empty || exchange.type != Type::confirmable) return;
  Response response{exchange.answer, {}, {}};
  if (exchange.block1) response.options.push_back({Number::block1, *exchange.block1});
  respond(peer, exchange, response);
}

// In the acknowledgement, or as the request came (sections 5.2.1 and 5.2.3).
void Endpoint::respond(const Peer& peer, const Exchange& exchange, const Response& response) {
  if (response.code == Code::empty) return;
  if (exchange.type == Type::confirmable) {
    server_.send(peer, write(Type::acknowledgement, exchange.id, exchange.token(), response));
  } else {
    server_.send(peer, write(Type::non_confirmable, ++last_id_, exchange.token(), response));
  }
}

void Endpoint::answer(std::uint64_t exchange, const Response& response, Duration now) {
  const auto open = open_.extract(exchange);
  if (open.empty()) return;
  const std::string& key = open.mapped();
  const auto found = exchanges_.find(key);
  if (found == exchanges_.end() || found->second.number != exchange) return;
  const Peer peer = peer_of(key);
  if (found->second.acknowledged) {
    send_separately(peer, found->second, response, now);
  } else {
    respond(peer, found->second, response);
  }
  if (response.code != Code::changed) return forget(found);
  found->second.answer = response.code;
  for (const NumberOption& option : response.options) {
    if (option.number == Number::block1) found->second.block1 = option.value;
  }
}

// Section 5.2.2.
void Endpoint::send_separately(const Peer& peer, const Exchange& exchange, const Response& response,
                               Duration now) {
  const std::uint16_t id = ++last_id_;
  Unacknowledged sent;
  sent.peer = peer;
  sent.datagram = write(Type::confirmable, id, exchange.token(), response);
  // Section 4.2: between ACK_TIMEOUT and 1.5 times that.
  const int chance = std::uint8_t(random_.bytes(1)[0]);
  sent.interval = limits_.ack_timeout + limits_.ack_timeout / 2 * chance / 256;
  sent.again_at = now + sent.interval;
  sent.left = limits_.retransmissions_max;
  server_.send(peer, sent.datagram);
  unacknowledged_.insert_or_assign(key_of(peer, id), std::move(sent));
}

void Endpoint::look_around(Duration now) {
  acknowledge_slow(now);
  send_again(now);
  forget_old(confirmable_, now);
  forget_old(non_confirmable_, now);
}

void Endpoint::acknowledge_slow(Duration now) {
  while (!unanswered_.empty()) {
    const auto open = open_.find(unanswered_.front());
    if (open != open_.end()) {
      const auto found = exchanges_.find(open->second);
      if (found != exchanges_.end() && found->second.number == open->first) {
        if (now - found->second.since < limits_.piggyback_span) return;
        found->second.acknowledged = true;
        server_.send(peer_of(open->second), write_empty(Type::acknowledgement, found->second.id));
      }
    }
    unanswered_.pop_front();
  }
}

void Endpoint::send_again(Duration now) {
  for (auto each = unacknowledged_.begin(); each != unacknowledged_.end();) {
    Unacknowledged& sent = each->second;
    if (now < sent.again_at) {
      ++each;
    } else if (sent.left == 0) {
      each = unacknowledged_.erase(each);
    } else {
      --sent.left;
      sent.interval *= 2;
      sent.again_at = now + sent.interval;
      server_.send(sent.peer, sent.datagram);
      ++each;
    }
  }
}

void Endpoint::forget(Exchanges::iterator exchange) {
  shares_.give_back(exchange->second.owner, 1);
  exchanges_.erase(exchange);
}

void Endpoint::forget_old(std::deque<Remembered>& remembered, Duration now) {
  while (!remembered.empty() && remembered.front().until <= now) {
    const Remembered& oldest = remembered.front();
    const auto found = exchanges_.find(oldest.key);
    if (found != exchanges_.end() && found->second.number == oldest.number) forget(found);
    remembered.pop_front();
  }
}

}  // namespace cauce::gateway::coap
