#include "api/data_desk.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "api/fair_queue.h"
#include "api/faults.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"
#include "datasets/typed/typed.h"
#include "disk/error.h"
#include "work/signal.h"

namespace cauce::api {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 1 << 20;

Result<std::string> sha256_of(const fs::path& file, std::uint64_t& bytes) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return disk::error_of("open", file.string(), errno);
  crypto::Sha256 digest;
  Bytes piece(piece_bytes, '\0');
  ssize_t count = 0;
  bytes = 0;
  while ((count = ::read(descriptor, piece.data(), piece.size())) > 0) {
    digest.add(BytesView(piece).substr(0, std::size_t(count)));
    bytes += std::uint64_t(count);
  }
  const int failure = count < 0 ? errno : 0;
  ::close(descriptor);
  if (failure != 0) return disk::error_of("read", file.string(), failure);
  return to_hex(digest.finish());
}

std::vector<std::uint64_t> distinct_of(const datasets::Summary& summary) {
  std::vector<std::uint64_t> distinct;
  distinct.reserve(summary.columns.size());
  for (const datasets::ColumnSummary& column : summary.columns) {
    distinct.push_back(column.distinct);
  }
  return distinct;
}

class LiveDataDesk final : public DataDesk, private work::Worker {
 public:
  LiveDataDesk(objects::Objects& objects, Random& random, const Clock& clock,
               DataDeskOptions options)
      : clock_(clock),
        options_(std::move(options)),
        store_(objects, random, options_.store),
        uploads_(options_.directory / "parts", random, options_.uploads),
        waiting_(options_.files_waiting_max, options_.files_of_one_max) {}

  Result<void> open() override {
    if (auto emptied = empty_directory(); !emptied) return emptied;
    if (auto opened = uploads_.open(); !opened) return opened;
    return store_.open();
  }
  const DataDeskOptions& options() const override { return options_; }
  datasets::Store& store() override { return store_; }
  datasets::Uploads& uploads() override { return uploads_; }
  fs::path next_file() override { return options_.directory / fmt::format("{}", ++files_); }
  bool ask(Intake intake) override {
    const std::string company = intake.company;
    if (!waiting_.put(company, std::move(intake))) return false;
    asked_.set();
    return true;
  }
  void when_expired(Gone gone) override { gone_ = std::move(gone); }
  work::Worker& worker() override { return *this; }

 private:
  std::string_view name() const override { return "datasets"; }
  void wait(Duration span_max) override {
    asked_.wait(std::min(span_max, options_.expiry_interval));
  }
  void wake() override { asked_.set(); }

  Result<work::Progress> step() override {
    if (auto intake = waiting_.take()) {
      take_in(*intake);
      return work::Progress::worked;
    }
    const Duration now = clock_.elapsed();
    if (looked_at_ && now - *looked_at_ < options_.expiry_interval) return work::Progress::idle;
    const auto expired = store_.remove_expired(clock_.now());
    if (!expired) return expired.error();
    if (*expired) {
      if (gone_) gone_((*expired)->company, (*expired)->id);
      return work::Progress::worked;
    }
    uploads_.remove_old(clock_.now());
    looked_at_ = now;
    return work::Progress::idle;
  }

  Result<void> empty_directory() {
    std::error_code failure;
    fs::create_directories(options_.directory, failure);
    if (failure) return disk::error_of("make", options_.directory.string(), failure.value());
    for (const auto& entry : fs::directory_iterator(options_.directory, failure)) {
      if (entry.is_regular_file(failure)) fs::remove(entry.path(), failure);
    }
    if (failure) return disk::error_of("empty", options_.directory.string(), failure.value());
    return {};
  }

  void take_in(Intake& intake) {
    Result<datasets::DataSet> made = Error{Outcome::invalid, ""};
    std::optional<Answer> refusal = try_to_keep(intake, made);
    if (intake.upload) uploads_.remove(*intake.upload);
    if (refusal) return intake.refused(std::move(*refusal));
    intake.done(std::move(made));
  }

  // The refusal of a file that is no table, or what `made` then is.
  std::optional<Answer> try_to_keep(Intake& intake, Result<datasets::DataSet>& made) {
    const fs::path file = intake.upload ? uploads_.file(*intake.upload) : intake.body->path();
    datasets::Arrival arrival{.file = file, .file_name = intake.file_name, .owner = intake.owner};
    auto digest = sha256_of(file, arrival.bytes);
    if (!digest) return refused_inside(digest.error());
    arrival.sha256 = std::move(*digest);
    const bool is_new = intake.data_set.empty();
    if (auto room = store_.check_room(intake.company, arrival.bytes, is_new); !room)
      return Answer::refused(409, room.error().message);

    datasets::Report report;
    auto table = datasets::open_table(file, {}, &report);
    if (!table) return refused_file(table.error(), report);
    const auto summary = datasets::summarize(**table, options_.head_rows);
    if (!summary) return refused_file(summary.error(), (*table)->report());
    arrival.rows = summary->rows;
    arrival.summary = datasets::to_json(*summary, (*table)->report());
    const fs::path columns = next_file();
    const auto columns_bytes = datasets::typed::write(**table, distinct_of(*summary), columns);
    if (!columns_bytes) return refused_file(columns_bytes.error(), (*table)->report());
    arrival.columns = columns;
    arrival.columns_bytes = *columns_bytes;
    table->reset();
    made = is_new
               ? store_.add(intake.company, intake.name, intake.expires_at, arrival, clock_.now())
               : store_.add_version(intake.company, intake.data_set, arrival, clock_.now());
    std::error_code gone;  // the store has them, unless it failed
    fs::remove(columns, gone);
    if (!made && made.error().outcome == Outcome::exhausted) return refused_inside(made.error());
    if (made && intake.body) intake.body->take();  // the store has it
    return std::nullopt;
  }

  static Answer refused_inside(const Error& error) {
    log::warning(error.message, {});
    if (error.outcome == Outcome::exhausted)
      return Answer::refused(507, "There is no room on the disk for this file.");
    return Answer::refused(500, "The file could not be kept. The log says why.");
  }
  static Answer refused_file(const Error& error, const datasets::Report& report) {
    const bool is_ours = error.outcome == Outcome::corrupt || error.outcome == Outcome::unavailable;
    if (is_ours) return refused_inside(error);
    return answer_of_faults(error, &report);
  }

  const Clock& clock_;
  const DataDeskOptions options_;
  datasets::Store store_;
  datasets::Uploads uploads_;
  FairQueue<Intake> waiting_;
  work::Signal asked_;
  std::atomic<std::uint64_t> files_{0};
  std::optional<Duration> looked_at_;  // for what has expired; the worker's thread
  Gone gone_;
};

}  // namespace

std::unique_ptr<DataDesk> make_data_desk(objects::Objects& objects, Random& random,
                                         const Clock& clock, DataDeskOptions options) {
  return std::make_unique<LiveDataDesk>(objects, random, clock, std::move(options));
}

}  // namespace cauce::api
