// A gateway whose doors are all open, with a certificate of its own; only for tests.
#pragma once

#include <doctest/doctest.h>

#include "gateway/house_test.h"
#include "net/test_tls.h"

namespace cauce::gateway {

struct Doors : House {
  net::Address mqtt_tls;
  net::Address websocket;
  net::Address websocket_tls;
  net::Address http_tls;

  Doors() {
    raw = stream::memory::make_topic("raw", raw_options, clock);
    writer = *raw->open_writer();
    Listeners listeners{bound(address), bound(http_address)};
    listeners.mqtt_tls = bound(mqtt_tls);
    listeners.websocket = bound(websocket);
    listeners.websocket_tls = bound(websocket_tls);
    listeners.http_tls = bound(http_tls);
    const auto files = net::make_certificate("cauce").write(directory.path());
    listeners.tls = *net::TlsServer::open(files, {.asks_for_certificate = true});
    auto started = Gateway::start(*loop, std::move(listeners), *writer, readers(), *registry, clock,
                                  random, options);
    REQUIRE(started);
    gateway = std::move(*started);
  }
  static net::Listener bound(net::Address& target) {
    auto listener = net::Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    target = listener->address();
    return std::move(*listener);
  }
};

}  // namespace cauce::gateway
