// Messages of CoAP as a client writes them, also wrong ones; for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gateway/coap/message.h"

namespace cauce::gateway::coap {

struct TestMessage {
  Type type = Type::confirmable;
  Code code = Code::post;
  std::uint16_t id = 1;
  Bytes token = "tk";
  std::vector<std::pair<int, Bytes>> options;  // in the order of their numbers
  Bytes payload;

  Bytes bytes() const {
    Bytes text;
    text += char(0x40 | (int(type) << 4) | int(token.size()));
    text += char(code);
    text += char(id >> 8);
    text += char(id & 0xFF);
    text += token;
    int last = 0;
    for (const auto& [number, value] : options) {
      append_option(text, number - std::exchange(last, number), value);
    }
    if (!payload.empty()) text += "\xFF" + payload;
    return text;
  }

 private:
  static void append_option(Bytes& text, int delta, const Bytes& value) {
    const auto nibble = [](int count) { return count < 13 ? count : count < 269 ? 13 : 14; };
    const auto more = [](int count) {
      if (count < 13) return Bytes{};
      if (count < 269) return Bytes(1, char(count - 13));
      return Bytes{char((count - 269) >> 8), char((count - 269) & 0xFF)};
    };
    text += char(nibble(delta) << 4 | nibble(int(value.size())));
    text += more(delta) + more(int(value.size())) + value;
  }
};

// A number as an option holds it.
inline Bytes number_bytes(std::uint32_t number) {
  Bytes bytes;
  for (; number > 0; number >>= 8)
    bytes.insert(0, 1, char(number & 0xFF));
  return bytes;
}

// "ACK 2.04 7 tk", with the options as " 27=8" and the payload behind them.
inline std::string text_of(BytesView datagram) {
  Message message;
  if (read(datagram, message) != Verdict::good) return "malformed";
  static const char* const types[] = {"CON", "NON", "ACK", "RST"};
  const auto code = std::uint8_t(message.code);
  std::string text = types[int(message.type)];
  text += " " + std::to_string(code >> 5) + "." + std::to_string((code & 31) / 10) +
          std::to_string((code & 31) % 10);
  text += " " + std::to_string(message.id) + " " + std::string(message.token);
  for (const Option& option : message.options) {
    text += " " + std::to_string(int(option.number)) + "=" +
            std::to_string(*number_of(option.value, 4));
  }
  if (!message.payload.empty()) text += " " + std::string(message.payload);
  return text;
}

}  // namespace cauce::gateway::coap
