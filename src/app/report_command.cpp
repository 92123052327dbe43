#include <iostream>

#include "app/commands.h"
#include "app/engines.h"
#include "base/clock.h"
#include "warehouse/answer_text.h"
#include "warehouse/report.h"

namespace cauce::app {
namespace {

Result<void> put_date(const std::string& text, std::optional<Date>& target) {
  if (text.empty()) return {};
  const Result<Date> date = parse_date(text);
  if (!date) return date.error();
  target = *date;
  return {};
}

}  // namespace

Result<void> run_daily_site_summary(const DailySiteSummary& command) {
  const Result<warehouse::AnswerFormat> format = warehouse::parse_answer_format(command.format);
  if (!format) return format.error();
  if (!std::filesystem::is_directory(command.data)) return no_such_data(command.data);
  warehouse::DailySiteSummary asked;
  asked.company = command.company;
  if (!command.site.empty()) asked.site = command.site;
  if (auto done = put_date(command.from, asked.from); !done) return done;
  if (auto done = put_date(command.to, asked.to); !done) return done;
  const SystemClock clock;
  const Engines engines{command.data, clock};
  const std::unique_ptr<objects::Objects> objects = engines.objects();
  warehouse::ReportOptions options;
  options.table.temporary_directory = std::filesystem::temp_directory_path();
  const Result<table::Answer> answer =
      warehouse::daily_site_summary(*objects, asked, clock.now(), options);
  if (!answer) return answer.error();
  warehouse::print_answer(*answer, *format, std::cout);
  return {};
}

}  // namespace cauce::app
