#include "api/report_desk.h"

#include <deque>
#include <mutex>
#include <optional>
#include <sstream>
#include <utility>

#include "work/signal.h"

namespace cauce::api {
namespace {

Answer answer_of(const table::Answer& report, warehouse::AnswerFormat format) {
  std::ostringstream text;
  if (format == warehouse::AnswerFormat::csv) {
    warehouse::print_answer(report, format, text);
    return {.json = text.str(), .content_type = "text/csv; charset=utf-8; header=present"};
  }
  text << "{\"items\":";
  warehouse::print_answer(report, warehouse::AnswerFormat::json, text);
  text << ",\"next\":null}";
  return {.json = text.str()};
}

class LiveReportDesk final : public ReportDesk, private work::Worker {
 public:
  LiveReportDesk(objects::Objects& objects, const Clock& clock, ReportDeskOptions options)
      : objects_(objects), clock_(clock), options_(std::move(options)) {}

  bool ask(ReportRequest request) override {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.reports_waiting_max) return false;
    waiting_.push_back(std::move(request));
    asked_.set();
    return true;
  }
  work::Worker& worker() override { return *this; }

 private:
  std::string_view name() const override { return "reports"; }
  void wait(Duration span_max) override { asked_.wait(span_max); }
  void wake() override { asked_.set(); }

  // What cannot be computed is answered, not a reason to stop: reports only read.
  Result<work::Progress> step() override {
    const auto request = next();
    if (!request) return work::Progress::idle;
    const auto report =
        warehouse::daily_site_summary(objects_, request->asked, clock_.now(), options_.report);
    if (report) {
      request->finish(answer_of(*report, request->format));
    } else {
      request->finish(report.error());
    }
    return work::Progress::worked;
  }

  std::optional<ReportRequest> next() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    ReportRequest first = std::move(waiting_.front());
    waiting_.pop_front();
    return first;
  }

  objects::Objects& objects_;
  const Clock& clock_;
  const ReportDeskOptions options_;
  work::Signal asked_;
  std::mutex mutex_;  // guards waiting_
  std::deque<ReportRequest> waiting_;
};

}  // namespace

std::unique_ptr<ReportDesk> make_report_desk(objects::Objects& objects, const Clock& clock,
                                             ReportDeskOptions options) {
  return std::make_unique<LiveReportDesk>(objects, clock, std::move(options));
}

}  // namespace cauce::api
