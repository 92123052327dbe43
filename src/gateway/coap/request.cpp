#include "gateway/coap/request.h"

#include <fmt/core.h>

#include <array>

namespace cauce::gateway::coap {
namespace {

constexpr std::size_t text_bytes_max = 255;  // of Uri-Host, Uri-Path and Uri-Query (5.10)
constexpr std::string_view token_start = "token=";

bool is_critical(Number number) {
  return (std::uint16_t(number) & 1) != 0;
}

Response bad_option(const Message& request, Number number) {
  // Section 5.4.1: a non-confirmable message is rejected.
  if (request.type != Type::confirmable) return {};
  return {Code::bad_option, {}, fmt::format("Option {} is not known here.", int(number))};
}

class RequestReader {
 public:
  explicit RequestReader(const Message& request) : request_(request) {}

  std::variant<Asked, Response> read() {
    for (const Option& option : request_.options) {
      const bool repeated = option.number == last_ && option.number != Number::uri_path &&
                            option.number != Number::uri_query;
      last_ = option.number;
      // Section 5.4.5: what stands there once too often is not known.
      const bool known = !repeated && take(option);
      if (refused_) return *std::move(refused_);
      if (!known && is_critical(option.number)) return bad_option(request_, option.number);
    }
    if (!find_resource()) {
      return Response{Code::not_found,
                      {},
                      "The resources are devices/{device}/telemetry, devices/{device}/commands and "
                      "devices/{device}/commands/{command}/result."};
    }
    const bool is_read = asked_.resource == Resource::commands;
    if (request_.code != (is_read ? Code::get : Code::post)) {
      return Response{Code::not_allowed,
                      {},
                      fmt::format("This resource knows {} only.", is_read ? "GET" : "POST")};
    }
    if (is_read && asked_.accept != no_content_format && asked_.accept != json_format) {
      return Response{Code::not_acceptable, {}, "Commands have the Content-Format 50 (JSON)."};
    }
    return asked_;
  }

 private:
  // False when the option is not known here.
  bool take(const Option& option) {
    switch (option.number) {
      case Number::uri_path: return take_segment(option.value);
      case Number::uri_query: return take_query(option.value);
      case Number::content_format: return take_number(option.value, 2, asked_.content_format);
      case Number::block1: return take_block(option.value, "Block1", asked_.block);
      case Number::block2: return take_block(option.value, "Block2", asked_.answer_block);
      case Number::accept: return take_number(option.value, 2, asked_.accept);
      case Number::size1: return take_number(option.value, 4, asked_.size.emplace());
      case Number::proxy_uri:
      case Number::proxy_scheme:
        refused_ = Response{Code::no_proxy, {}, "This is no proxy."};
        return true;
      case Number::uri_host:
      case Number::uri_port:
      case Number::max_age:
      case Number::etag: return true;
    }
    return false;
  }

  bool take_segment(BytesView segment) {
    if (segment.size() > text_bytes_max) return false;
    if (segment_count_ < segments_.size()) segments_[segment_count_] = segment;
    ++segment_count_;
    return true;
  }

  // False: there is none.
  bool find_resource() {
    const auto& [root, device, kind, command, result] = segments_;
    if (root != "devices" || device.empty()) return false;
    asked_.device = device;
    asked_.command = command;
    if (segment_count_ == 3 && kind == "telemetry") {
      asked_.resource = Resource::telemetry;
    } else if (segment_count_ == 3 && kind == "commands") {
      asked_.resource = Resource::commands;
    } else if (segment_count_ == 5 && kind == "commands" && result == "result") {
      asked_.resource = Resource::result;
    } else {
      return false;
    }
    return true;
  }

  bool take_query(BytesView query) {
    if (query.size() > text_bytes_max) return false;
    if (query.starts_with(token_start)) asked_.token = query.substr(token_start.size());
    return true;
  }

  bool take_block(BytesView value, std::string_view name, std::optional<Block>& target) {
    target = Block::read(value);
    if (!target) {
      refused_ =
          Response{Code::bad_request, {}, fmt::format("{} has a size that is reserved.", name)};
    }
    return true;
  }

  static bool take_number(BytesView value, std::size_t bytes_max, std::uint32_t& target) {
    const auto number = number_of(value, bytes_max);
    if (number) target = *number;
    return number.has_value();
  }

  const Message& request_;
  Asked asked_;
  Number last_{};
  std::array<std::string_view, 5> segments_;
  std::size_t segment_count_ = 0;
  std::optional<Response> refused_;
};

}  // namespace

std::variant<Asked, Response> read_request(const Message& request) {
  return RequestReader(request).read();
}

std::optional<std::string_view> content_type_of(std::uint32_t content_format) {
  switch (content_format) {
    case no_content_format: return "";
    case 0: return "text/plain; charset=utf-8";
    case 40: return "application/link-format";
    case 41: return "application/xml";
    case 42: return "application/octet-stream";
    case 47: return "application/exi";
    case 50: return "application/json";
    case 60: return "application/cbor";
    case 61: return "application/cwt";
    case 96: return "application/cose; cose-type=\"cose-encrypt\"";
    case 16: return "application/cose; cose-type=\"cose-encrypt0\"";
    case 110: return "application/senml+json";
    case 112: return "application/senml+cbor";
    default: return std::nullopt;
  }
}

}  // namespace cauce::gateway::coap
