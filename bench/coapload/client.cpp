#include "coapload/client.h"

#include <cstring>

namespace coapload {
namespace {

constexpr std::uint64_t ack_timeout = 2'000'000;
constexpr int uri_path = 11;
constexpr int uri_query = 15;
constexpr char post = 2;
constexpr char put = 3;
constexpr std::size_t token_at = 4;
constexpr std::size_t token_bytes = 4;

void append_option(std::string& request, int delta, std::string_view value) {
  const std::size_t size = value.size();
  request += char(delta << 4 | int(size < 13 ? size : 13));
  if (size >= 13) request += char(size - 13);
  request += value;
}

}  // namespace

Client::Client(std::uint32_t number, const Shape& shape, const std::string& path,
               const std::string& query, std::vector<Acknowledged>& ledger)
    : number_(number), ledger_(ledger), id_(std::uint16_t(number * 7919)) {
  request_ = {char(0x40 | token_bytes), shape.puts ? put : post, 0, 0};
  request_.append(token_bytes, '\0');
  int last = 0;
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    append_option(request_, uri_path - last, std::string_view(path).substr(at, end - at));
    last = uri_path;
    at = end + 1;
  }
  if (!query.empty()) append_option(request_, uri_query - last, query);
  request_ += '\xFF';
  payload_at_ = request_.size();
  request_ += "LOAD";
  request_.append(shape.payload_bytes - 4, 'x');
  std::memcpy(&request_[payload_at_ + 4], &number_, 4);
}

const std::string& Client::ask(std::uint64_t now) {
  ++message_;
  ++id_;
  request_[2] = char(id_ >> 8);
  request_[3] = char(id_ & 0xFF);
  std::memcpy(&request_[token_at], &message_, token_bytes);
  std::memcpy(&request_[payload_at_ + 8], &message_, 4);
  waits_ = true;
  is_known_ = false;
  asked_at_ = now;
  interval_ = ack_timeout;
  again_at_ = now + interval_;
  return request_;
}

std::string_view Client::ask_again(std::uint64_t now) {
  if (!waits_ || is_known_ || now < again_at_) return {};
  interval_ *= 2;
  again_at_ = now + interval_;
  ++repeated_;
  return request_;
}

Client::Heard Client::receive(std::string_view datagram, std::uint64_t now, std::string& reply) {
  if (datagram.size() < 4) return Heard::nothing;
  const int type = datagram[0] >> 4 & 3;
  const int code = static_cast<unsigned char>(datagram[1]);
  const bool is_acknowledgement = type == 2 && datagram.substr(2, 2) == request_.substr(2, 2);
  if (code == 0) {
    if (is_acknowledgement) is_known_ = true;
    return Heard::nothing;
  }
  if (type == 0) reply = std::string("\x60\0", 2).append(datagram.substr(2, 2));
  const bool is_mine = datagram.substr(token_at, token_bytes) ==
                       std::string_view(request_).substr(token_at, token_bytes);
  if (!waits_ || !is_mine) return Heard::nothing;
  waits_ = false;
  if (code >> 5 != 2) {
    ++refused_;
    return Heard::refusal;
  }
  ++acknowledged_;
  latencies_.push_back(std::uint32_t(now - asked_at_));
  ledger_.push_back({number_, message_});
  return Heard::answer;
}

}  // namespace coapload
