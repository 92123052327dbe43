#include "net/websocket_upgrade.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>

namespace cauce::net {
namespace {

constexpr std::string_view method = "GET ";
constexpr std::string_view end_of_head = "\r\n\r\n";
// RFC 6455 section 1.3: shows that the server speaks WebSocket and nothing else.
constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t key_text_bytes = 24;  // base64 of 16 bytes

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result)
    letter = char(std::tolower(static_cast<unsigned char>(letter)));
  return result;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") + 1 - first);
}

// Whether `word` stands in a list with commas.
bool lists(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    if (trimmed(list.substr(0, end)) == word) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

struct Head {
  std::string_view version;
  std::map<std::string, std::string> fields = {};  // names in lower case

  std::string field(const char* name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string{} : found->second;
  }
};

// Cuts off the first line.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 2, text.size()));
  return line;
}

// nullopt when it is no HTTP.
std::optional<Head> parse_head(std::string_view text) {
  const std::string_view request = next_line(text);
  const std::size_t first = request.find(' ');
  const std::size_t last = request.rfind(' ');
  if (first == std::string_view::npos || last == first) return std::nullopt;
  Head head{request.substr(last + 1)};
  if (!head.version.starts_with("HTTP/")) return std::nullopt;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    std::string& value = head.fields[lower(line.substr(0, colon))];
    if (!value.empty()) value += ", ";
    value += trimmed(line.substr(colon + 1));
  }
  return head;
}

Upgrade refuse(int status, std::string_view reason, std::string sentence) {
  Upgrade upgrade;
  upgrade.answer = fmt::format(
      "HTTP/1.1 {} {}\r\nConnection: close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Content-Type: text/plain\r\nContent-Length: {}\r\n\r\n{}\n",
      status, reason, sentence.size() + 1, sentence);
  upgrade.refusal = std::move(sentence);
  return upgrade;
}

std::string accept_of(std::string_view key) {
  const std::string text = std::string(key) + std::string(accept_suffix);
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> encoded{};  // 28 characters and a zero
  EVP_EncodeBlock(encoded.data(), digest.data(), int(digest.size()));
  return {reinterpret_cast<const char*>(encoded.data()), encoded.size() - 1};
}

// 16 bytes in base64, whatever they are.
bool is_key(std::string_view text) {
  const auto is_digit = [](char letter) {
    return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '+' || letter == '/';
  };
  return text.size() == key_text_bytes && text.ends_with("==") &&
         std::all_of(text.begin(), text.end() - 2, is_digit);
}

Upgrade judge(std::string_view text, std::string_view subprotocol) {
  const auto head = parse_head(text);
  if (!head) return refuse(400, "Bad Request", "it is no HTTP request");
  if (head->version != "HTTP/1.1" || !lists(lower(head->field("upgrade")), "websocket") ||
      !lists(lower(head->field("connection")), "upgrade")) {
    return refuse(426, "Upgrade Required", "this port speaks WebSocket and nothing else");
  }
  if (head->field("host").empty()) return refuse(400, "Bad Request", "the field Host is missing");
  if (head->field("sec-websocket-version") != "13") {
    return refuse(426, "Upgrade Required", "version 13 of WebSocket is spoken, RFC 6455");
  }
  const std::string key = head->field("sec-websocket-key");
  if (!is_key(key)) {
    return refuse(400, "Bad Request", "Sec-WebSocket-Key has to be 16 bytes in base64");
  }
  if (!lists(head->field("sec-websocket-protocol"), subprotocol)) {
    return refuse(400, "Bad Request",
                  fmt::format("the client has to offer the subprotocol \"{}\"", subprotocol));
  }
  return {
      fmt::format("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n"
                  "Sec-WebSocket-Protocol: {}\r\n\r\n",
                  accept_of(key), subprotocol)};
}

}  // namespace

std::optional<Upgrade> take_upgrade(Bytes& received, std::string_view subprotocol,
                                    std::size_t head_bytes_max) {
  // The first bytes say enough to refuse a stranger who does not speak HTTP.
  const std::size_t compared = std::min(received.size(), method.size());
  if (std::string_view(received).substr(0, compared) != method.substr(0, compared))
    return refuse(400, "Bad Request", "it is no GET by HTTP");
  const std::size_t end = received.find(end_of_head);
  const std::size_t bytes = end == Bytes::npos ? received.size() : end + end_of_head.size();
  if (bytes > head_bytes_max) {
    return refuse(
        431, "Request Header Fields Too Large",
        fmt::format("the request has more than head_bytes_max, which is {}", head_bytes_max));
  }
  if (end == Bytes::npos) return std::nullopt;
  Upgrade upgrade = judge(std::string_view(received).substr(0, end), subprotocol);
  received.erase(0, bytes);
  return upgrade;
}

}  // namespace cauce::net
