#include "app/engines.h"

#include "business/sqlite/sqlite.h"
#include "disk/posix.h"
#include "jobs/sqlite/sqlite.h"
#include "objects/files/files.h"
#include "recent/lmdb/lmdb.h"
#include "stream/embedded/embedded.h"

namespace cauce::app {
namespace {

// Derived topics can be made again from what they were made from, so they need not sync each group.
constexpr Duration derived_sync_interval = std::chrono::milliseconds{50};

}  // namespace

Engines::Engines(std::filesystem::path data, const Clock& clock, metrics::Metrics* metrics)
    : data_(std::move(data)),
      clock_(clock),
      metrics_(metrics),
      streams_(disk::posix_directory(data_ / "stream")) {}

Engines::~Engines() = default;

std::unique_ptr<stream::Topic> Engines::topic(std::string_view name) const {
  stream::embedded::Options options;
  const bool is_derived = name == "readings" || name == "facts" || name == "events";
  if (is_derived) options.sync_interval_min = derived_sync_interval;
  if (metrics_ != nullptr) options.meters = stream::embedded::Meters::in(*metrics_, name);
  return stream::embedded::make_topic(*streams_, std::string(name), options, clock_);
}

std::unique_ptr<objects::Objects> Engines::objects() const {
  return objects::file_objects(data_ / "objects");
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

}  // namespace cauce::app
