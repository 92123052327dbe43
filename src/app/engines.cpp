#include "app/engines.h"

#include "app/engine_checks.h"
#include "business/sqlite/sqlite.h"
#include "disk/posix.h"
#include "jobs/sqlite/sqlite.h"
#include "objects/files/files.h"
#include "recent/lmdb/lmdb.h"
#include "stream/embedded/description.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/repair.h"
#include "stream/embedded/snapshot.h"
#include "stream/embedded/verification.h"

namespace cauce::app {
namespace {

// Derived topics can be made again from what they were made from, so they need not sync each group.
constexpr Duration derived_sync_interval = std::chrono::milliseconds{50};

// A segment's room is set aside when it is begun and freed as a whole. `raw` takes the full size;
// the others hold less, and what they set aside should not fill a small disk.
constexpr std::uint64_t derived_segment_bytes_max = 32 << 20;
constexpr std::uint64_t rare_segment_bytes_max = 8 << 20;

}  // namespace

Engines::Engines(std::filesystem::path data, const Clock& clock, metrics::Metrics* metrics,
                 PackedTopics packed)
    : data_(std::move(data)),
      clock_(clock),
      metrics_(metrics),
      packed_(packed),
      streams_(disk::posix_directory(data_ / "stream")) {}

Engines::~Engines() = default;

std::unique_ptr<stream::Topic> Engines::topic(std::string_view name) const {
  stream::embedded::Options options;
  const bool is_derived = name == "readings" || name == "facts" || name == "events";
  const bool is_rare = name == "events" || name == "commands";
  if (is_derived) options.sync_interval_min = derived_sync_interval;
  if (is_derived) options.segment_bytes_max = derived_segment_bytes_max;
  if (is_rare) options.segment_bytes_max = rare_segment_bytes_max;
  options.pack = packed_ == PackedTopics::all ||
                 (packed_ == PackedTopics::derived && (name == "readings" || name == "facts"));
  if (metrics_ != nullptr) options.meters = stream::embedded::Meters::in(*metrics_, name);
  return stream::embedded::make_topic(*streams_, std::string(name), options, clock_);
}

std::unique_ptr<objects::Objects> Engines::objects() const {
  return objects::file_objects(data_ / "objects");
}

std::unique_ptr<disk::Directory> Engines::sessions() const {
  return disk::posix_directory(data_ / "sessions");
}

std::unique_ptr<business::Store> Engines::business(Random& random) const {
  return business::make_sqlite_store(data_, random);
}

Result<std::unique_ptr<jobs::Jobs>> Engines::jobs() const {
  return jobs::sqlite::open(data_ / "jobs.db", clock_, {});
}

std::unique_ptr<jobs::Gauge> Engines::jobs_gauge() const {
  return jobs::sqlite::make_gauge(data_ / "jobs.db");
}

Result<std::unique_ptr<recent::Writer>> Engines::recent_writer(Duration time_to_live) const {
  recent::lmdb::Options options;
  options.limits.time_to_live = time_to_live;
  return recent::lmdb::open_writer(data_ / "recent", clock_, options);
}

Result<std::unique_ptr<recent::Reader>> Engines::recent_reader() const {
  return recent::lmdb::open_reader(data_ / "recent");
}

Result<std::unique_ptr<stream::Snapshot>> Engines::pin_topic(const std::string& name) const {
  return stream::embedded::pin_topic(*streams_, name);
}

Result<void> Engines::copy_jobs(const std::filesystem::path& target) const {
  return jobs::sqlite::copy(data_ / "jobs.db", target / "jobs.db");
}

Result<void> Engines::copy_recent(const std::filesystem::path& target) const {
  return recent::lmdb::copy_months(data_ / "recent", target / "recent");
}

Result<void> Engines::copy_business(const std::filesystem::path& target, bool with_key) const {
  return business::copy_sqlite_store(data_, target, with_key);
}

Result<std::vector<stream::CopiedPartition>> check_topic(const std::filesystem::path& data,
                                                         const std::string& name) {
  const auto root = disk::posix_directory(data / "stream");
  return stream::embedded::check_topic(*root, name);
}

Result<std::vector<stream::DescribedPartition>> describe_topic(const std::filesystem::path& data,
                                                               const std::string& name) {
  const auto root = disk::posix_directory(data / "stream");
  return stream::embedded::describe_topic(*root, name);
}

Result<std::vector<stream::VerifiedPartition>> verify_topic(
    const std::filesystem::path& data, const std::string& name,
    const stream::VerificationListener& listener) {
  const auto root = disk::posix_directory(data / "stream");
  return stream::embedded::verify_topic(*root, name, listener);
}

Result<std::vector<stream::RepairedPartition>> repair_topic(const std::filesystem::path& data,
                                                            const std::string& name,
                                                            const stream::RepairOptions& options,
                                                            const Clock& clock) {
  const auto root = disk::posix_directory(data / "stream");
  return stream::embedded::repair_topic(*root, name, options, clock);
}

Result<std::size_t> check_recent(const std::filesystem::path& data) {
  return recent::lmdb::check_months(data / "recent");
}

}  // namespace cauce::app
