#include "recent/lmdb/lmdb.h"

#include "disk/lock.h"
#include "disk/posix.h"
#include "recent/lmdb/folder.h"

namespace cauce::recent::lmdb {
namespace {

class LmdbReader final : public Reader {
 public:
  explicit LmdbReader(const std::filesystem::path& directory)
      : folder_(directory, Access::read, 0), reader_(read_months(folder_)) {}

  Result<std::vector<Point>> minute(std::string_view series, Time start) override {
    return reader_->minute(series, start);
  }
  Result<std::vector<Point>> points(std::string_view series, Time from, Time to,
                                    std::size_t points_max) override {
    return reader_->points(series, from, to, points_max);
  }
  Result<std::vector<Aggregate>> aggregates(std::string_view series, Resolution resolution,
                                            Time from, Time to, std::size_t windows_max) override {
    return reader_->aggregates(series, resolution, from, to, windows_max);
  }
  Result<std::optional<SeriesSummary>> summary(std::string_view series) override {
    return reader_->summary(series);
  }
  Result<std::vector<SeriesSummary>> series(std::string_view company, std::string_view after,
                                            std::size_t series_max) override {
    return reader_->series(company, after, series_max);
  }

 private:
  Folder folder_;
  const std::unique_ptr<Reader> reader_;
};

class LmdbWriter final : public Writer {
 public:
  LmdbWriter(const std::filesystem::path& directory, const Clock& clock, const Options& options,
             std::unique_ptr<disk::Lock> lock)
      : clock_(clock),
        limits_(options.limits),
        lock_(std::move(lock)),
        folder_(directory, Access::write, options.month_bytes_max),
        reader_(read_months(folder_)) {}

  Result<void> load() { return folder_.load(); }

  Result<void> commit(const Change& change) override {
    const auto planned = plan(change, clock_.now(), limits_);
    if (!planned) return planned.error();
    const std::lock_guard lock{writing_};
    for (const auto& [month, writes] : *planned) {
      if (auto committed = folder_.commit(month, writes); !committed) return committed;
    }
    return {};
  }

  Result<std::size_t> expire(Time now) override {
    const std::lock_guard lock{writing_};
    folder_.release_dead_readers();
    const auto months = folder_.list();
    if (!months) return months.error();
    std::size_t count = 0;
    for (const Month month : *months) {
      if (!is_expired(month, now, limits_)) continue;
      if (auto removed = folder_.remove(month); !removed) return removed.error();
      ++count;
    }
    return count;
  }

  Reader& reader() override { return *reader_; }

 private:
  const Clock& clock_;
  const Limits limits_;
  const std::unique_ptr<disk::Lock> lock_;
  std::mutex writing_;  // held by the one commit or expire in progress
  Folder folder_;
  const std::unique_ptr<Reader> reader_;
};

}  // namespace

Result<std::unique_ptr<Writer>> open_writer(const std::filesystem::path& directory,
                                            const Clock& clock, const Options& options) {
  if (auto made = disk::posix_directory(directory)->make(); !made) return made.error();
  auto lock = disk::lock_file(directory / "lock", options.program, options.lock_wait_max);
  if (!lock) return lock.error();
  auto writer = std::make_unique<LmdbWriter>(directory, clock, options, std::move(*lock));
  if (auto loaded = writer->load(); !loaded) return loaded.error();
  return std::unique_ptr<Writer>{std::move(writer)};
}

Result<std::unique_ptr<Reader>> open_reader(const std::filesystem::path& directory) {
  return std::unique_ptr<Reader>{std::make_unique<LmdbReader>(directory)};
}

Result<void> copy_months(const std::filesystem::path& directory,
                         const std::filesystem::path& target) {
  if (auto made = disk::posix_directory(target)->make(); !made) return made;
  return Folder{directory, Access::read, 0}.copy_to(target);
}

Result<std::size_t> check_months(const std::filesystem::path& directory) {
  Folder folder{directory, Access::read, 0};
  const auto months = folder.list();
  if (!months) return months.error();
  for (const Month month : *months) {
    if (const auto opened = folder.open(month); !opened) return opened.error();
  }
  return months->size();
}

}  // namespace cauce::recent::lmdb
