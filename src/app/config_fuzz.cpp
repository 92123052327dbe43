// Any bytes as the configuration file: it is read or refused with a sentence, and what is accepted
// is within the limits that the documentation names.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

#include "app/config.h"
#include "base/invariant.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  // A file that no other fuzzer sees, without a disk.
  static const int file = memfd_create("config", MFD_CLOEXEC);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  INVARIANT(ftruncate(file, 0) == 0);
  INVARIANT(pwrite(file, bytes, size, 0) == static_cast<ssize_t>(size));
  app::Config config;
  const Result<void> read = app::read_config(path, config);
  if (!read) {
    INVARIANT(!read.error().message.empty());
    return 0;
  }
  INVARIANT(config.lake_window > Duration::zero() && config.warehouse_window > Duration::zero());
  INVARIANT(config.lake_batch_bytes_max > 0 && config.warehouse_batch_bytes_max > 0);
  INVARIANT(config.stats_workers > 0 && config.recent_ttl > Duration::zero());
  INVARIANT(!config.mqtt.host.empty() && !config.http.host.empty());
  return 0;
}
