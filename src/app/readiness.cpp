#include "app/readiness.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/log.h"

namespace cauce::app {

void tell_readiness(std::string_view state) {
  const char* named = std::getenv("NOTIFY_SOCKET");
  if (named == nullptr) return;
  const std::string_view path = named;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool is_usable = path.starts_with('/') || path.starts_with('@');
  if (!is_usable || path.size() >= sizeof address.sun_path) {
    return log::warning("NOTIFY_SOCKET names no socket: the service manager is told nothing");
  }
  path.copy(address.sun_path, path.size());
  // A socket without a file: its name begins with a zero byte.
  if (path.starts_with('@')) address.sun_path[0] = '\0';
  const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + path.size());
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const ssize_t sent = sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&address), size);
  if (sent < 0) {
    log::warning(
        fmt::format("the service manager could not be told {}: {}", state, std::strerror(errno)));
  }
  close(descriptor);
}

}  // namespace cauce::app
