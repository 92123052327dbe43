// The body of a request that Beast parses, as it comes: whoever takes out what is there, piece by
// piece, bounds the memory. (Beast's own string_body sets room for the whole Content-Length aside.)
// Inside this room only.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cstdint>

#include "base/bytes.h"

namespace cauce::net {

struct PieceBody {
  using value_type = Bytes;

  static std::uint64_t size(const value_type& body) { return body.size(); }

  class reader {
   public:
    template <bool is_request, class Fields>
    reader(boost::beast::http::header<is_request, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& failure) {
      body_.reserve(std::min<std::uint64_t>(length.value_or(0), reserved_bytes_max));
      failure = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& failure) {
      const std::size_t before = body_.size();
      for (const boost::asio::const_buffer buffer : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
      }
      failure = {};
      return body_.size() - before;
    }
    void finish(boost::system::error_code& failure) { failure = {}; }

   private:
    static constexpr std::uint64_t reserved_bytes_max = 64 << 10;
    value_type& body_;
  };
};

}  // namespace cauce::net
