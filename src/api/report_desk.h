// Prepared reports for the REST interface. They are computed on a thread of their own, one after
// the other and with a bounded memory, so that a slow one holds up no other call.
#pragma once

#include <memory>

#include "api/call.h"
#include "base/clock.h"
#include "objects/objects.h"
#include "warehouse/answer_text.h"
#include "warehouse/report.h"
#include "work/worker.h"

namespace cauce::api {

struct ReportDeskOptions {
  std::size_t reports_waiting_max = 8;
  // Beside it, sorts spill into the temporary directory.
  warehouse::ReportOptions report{
      .table = {.memory_bytes_max = 256u << 20, .threads = 1, .temporary_directory = {}}};
};

struct ReportRequest {
  warehouse::DailySiteSummary asked;
  warehouse::AnswerFormat format = warehouse::AnswerFormat::json;
  Finish finish;  // runs on the desk's thread
};

class ReportDesk {
 public:
  virtual ~ReportDesk() = default;

  // Any thread. False, and `finish` will not run, when as many wait as may.
  virtual bool ask(ReportRequest request) = 0;
  // Computes what was asked for; one thread.
  virtual work::Worker& worker() = 0;
};

// Both outlive the desk. Destroyed after its worker has stopped; what waits then is not answered.
std::unique_ptr<ReportDesk> make_report_desk(objects::Objects& objects, const Clock& clock,
                                             ReportDeskOptions options);

}  // namespace cauce::api
