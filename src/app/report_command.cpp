#include <iostream>

#include "app/commands.h"
#include "app/engines.h"
#include "base/clock.h"
#include "warehouse/answer_text.h"
#include "warehouse/report.h"

namespace cauce::app {
namespace {

struct DailySiteSummary {
  std::filesystem::path data = default_data;
  std::string company;  // empty: all
  std::string site;     // empty: all
  std::string from;     // a local day; empty: six days before `to`
  std::string to;       // a local day; empty: today
  std::string format = "table";
};

Result<void> put_date(const std::string& text, std::optional<Date>& target) {
  if (text.empty()) return {};
  const Result<Date> date = parse_date(text);
  if (!date) return date.error();
  target = *date;
  return {};
}

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

}  // namespace

void add_report_command(Command program) {
  const auto command = std::make_shared<DailySiteSummary>();
  Command report = program.add_command("report", "prepared reports over the facts");
  report.require_command();
  Command summary = report.add_command("daily-site-summary",
                                       "each metric of each site by day in the site's time zone");
  summary.add_option("--data", command->data, data_help);
  summary.add_option("--company", command->company, "of this company alone");
  summary.add_option("--site", command->site, "of this site alone");
  summary.add_option("--from", command->from, "first day, 2026-11-21; six days before --to");
  summary.add_option("--to", command->to, "last day; today");
  summary.add_option("--format", command->format, "table, csv or json")
      .one_of({"table", "csv", "json"});
  summary.runs([command] { return run_daily_site_summary(*command); });
}

}  // namespace cauce::app
