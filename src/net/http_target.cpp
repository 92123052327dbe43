#include "net/http_target.h"

#include "base/bytes.h"

namespace cauce::net {
namespace {

bool decode_into(std::string_view text, bool plus_is_space, std::string& target) {
  for (std::size_t index = 0; index < text.size(); ++index) {
    char character = text[index];
    if (character == '%') {
      Bytes decoded;
      if (!from_hex(text.substr(index + 1, 2), decoded) || decoded.size() != 1) return false;
      character = decoded.front();
      index += 2;
    } else if (character == '+' && plus_is_space) {
      character = ' ';
    }
    if (character == '\0') return false;
    target += character;
  }
  return true;
}

bool decode_query(std::string_view text, std::map<std::string, std::string>& query) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(pair.size() == text.size() ? pair.size() : pair.size() + 1);
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::string name;
    std::string value;
    if (!decode_into(pair.substr(0, equals), true, name)) return false;
    if (equals != std::string_view::npos && !decode_into(pair.substr(equals + 1), true, value)) {
      return false;
    }
    query.emplace(std::move(name), std::move(value));
  }
  return true;
}

void encode_into(std::string_view text, std::string_view also, std::string& target) {
  constexpr std::string_view unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (const char character : text) {
    if (unreserved.find(character) != std::string_view::npos ||
        also.find(character) != std::string_view::npos) {
      target += character;
    } else {
      target += '%' + to_hex(BytesView(&character, 1));
    }
  }
}

}  // namespace

Result<Target> parse_target(std::string_view text) {
  const Error invalid{Outcome::invalid, "the request target cannot be read; encode it (RFC 3986)"};
  if (text == "*") return Target{"*", {}};
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!text.starts_with(scheme)) continue;
    const std::size_t path = text.find_first_of("/?", scheme.size());
    text = path == std::string_view::npos ? "/" : text.substr(path);
  }
  text = text.substr(0, text.find('#'));
  const std::size_t question = text.find('?');
  const std::string_view path = text.substr(0, question);
  Target target;
  if (!path.starts_with('/') || !decode_into(path, false, target.path)) return invalid;
  if (question != std::string_view::npos &&
      !decode_query(text.substr(question + 1), target.query)) {
    return invalid;
  }
  return target;
}

std::string to_text(const Target& target) {
  std::string text;
  encode_into(target.path, "/*", text);
  char separator = '?';
  for (const auto& [name, value] : target.query) {
    text += separator;
    encode_into(name, "", text);
    text += '=';
    encode_into(value, "", text);
    separator = '&';
  }
  return text;
}

}  // namespace cauce::net
