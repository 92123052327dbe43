#include "gateway/session_files.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/log.h"
#include "disk/crc32c.h"

namespace cauce::gateway {
namespace {

constexpr std::string_view magic = "cauceses";
constexpr std::size_t checked_from = 16;  // behind magic, version and checksum
constexpr std::string_view prefix = "sessions-";
constexpr std::string_view temporary_name = "writing";

std::string name_of(stream::Position position) {
  return fmt::format("{}{:020}", prefix, position.number);
}

std::optional<stream::Position> position_of(std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  stream::Position position;
  const auto [rest, failure] =
      std::from_chars(name.data(), name.data() + name.size(), position.number);
  if (failure != std::errc{} || rest != name.data() + name.size()) return std::nullopt;
  return position;
}

Error damaged(std::string_view sentence) {
  return {Outcome::corrupt, fmt::format("it is damaged: {}", sentence)};
}

}  // namespace

Bytes encode(const SessionSnapshot& snapshot) {
  Bytes checked;
  put_u64(checked, snapshot.position.number);
  put_i64(checked, to_microseconds(snapshot.at));
  checked += broker::encode(snapshot.state);
  Bytes bytes{magic};
  put_u32(bytes, broker::state_version);
  put_u32(bytes, disk::crc32c(checked));
  return bytes + checked;
}

Result<SessionSnapshot> decode_session_snapshot(BytesView bytes) {
  ByteReader reader{bytes};
  if (reader.bytes(magic.size()) != magic) return damaged("it does not begin as it must");
  const std::uint32_t version = reader.u32();
  const std::uint32_t checksum = reader.u32();
  SessionSnapshot snapshot;
  snapshot.position.number = reader.u64();
  snapshot.at = from_microseconds(reader.i64());
  if (reader.failed()) return damaged("it is too short");
  if (version == 0 || version > broker::state_version) {
    return Error{Outcome::unsupported, fmt::format("it has version {}, this program reads 1 to {}",
                                                   version, broker::state_version)};
  }
  if (disk::crc32c(bytes.substr(checked_from)) != checksum) return damaged("its checksum differs");
  if (snapshot.at < time_min || snapshot.at >= time_max) return damaged("its time is none");
  auto state = broker::decode_state(reader.bytes(reader.remaining()), version);
  if (!state) return damaged(state.error().message);
  snapshot.state = std::move(*state);
  return snapshot;
}

Result<std::vector<std::string>> SessionFiles::names() {
  auto all = directory_->list();
  if (!all && all.error().outcome == Outcome::not_found) return std::vector<std::string>{};
  if (!all) return all.error();
  // Positions have leading zeros: the order of bytes is theirs.
  std::erase_if(*all, [](const std::string& name) { return !position_of(name); });
  return all;
}

Result<SessionSnapshot> SessionFiles::read(const std::string& name) {
  auto file = directory_->open(name, disk::Open::read);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  Bytes bytes(*size, '\0');
  const auto count = (*file)->read_at(0, bytes.data(), bytes.size());
  if (!count) return count.error();
  bytes.resize(*count);
  return decode_session_snapshot(bytes);
}

Result<std::optional<SessionSnapshot>> SessionFiles::newest() {
  auto found = names();
  if (!found) return found.error();
  std::string last;
  for (auto name = found->rbegin(); name != found->rend(); ++name) {
    auto snapshot = read(*name);
    if (snapshot) return std::optional{std::move(*snapshot)};
    // The gateway has removed it meanwhile, for a newer one.
    if (snapshot.error().outcome == Outcome::not_found) continue;
    if (snapshot.error().outcome != Outcome::corrupt) {
      return snapshot.error().during(directory_->path() + "/" + *name);
    }
    last = fmt::format("{}/{}: {}", directory_->path(), *name, snapshot.error().message);
    log::error("the MQTT sessions of " + last);
  }
  if (last.empty()) return std::optional<SessionSnapshot>{};
  return Error{Outcome::corrupt,
               fmt::format("{}, and no older one is whole; put the directory {} back from a "
                           "backup, or remove it: then all MQTT sessions and retained messages "
                           "begin anew",
                           last, directory_->path())};
}

Result<void> SessionFiles::write(const SessionSnapshot& snapshot) {
  if (auto made = directory_->make(); !made) return made;
  auto file = directory_->open(temporary_name, disk::Open::create);
  if (!file) return file.error();
  if (auto emptied = (*file)->truncate(0); !emptied) return emptied;
  if (auto written = (*file)->write_at(0, encode(snapshot)); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (auto done = directory_->rename(temporary_name, name_of(snapshot.position)); !done) {
    return done;
  }
  if (auto synced = directory_->sync(); !synced) return synced;
  auto found = names();
  if (!found) return found.error();
  for (std::size_t index = 0; index + kept_count < found->size(); ++index) {
    if (auto removed = directory_->remove((*found)[index]); !removed) return removed;
  }
  return {};
}

Result<void> SessionFiles::copy_to(disk::Directory& target) {
  const auto snapshot = newest();
  if (!snapshot) return snapshot.error();
  if (!*snapshot) return {};
  if (auto made = target.make(); !made) return made;
  auto file = target.open(name_of((*snapshot)->position), disk::Open::create);
  if (!file) return file.error();
  return (*file)->write_at(0, encode(**snapshot));
}

Result<std::optional<stream::Position>> SessionFiles::oldest_position() {
  const auto found = names();
  if (!found) return found.error();
  if (found->empty()) return std::optional<stream::Position>{};
  return position_of(found->front());
}

}  // namespace cauce::gateway
