// The program: reads the command line and runs one command. Exit status 0: done; 1: the sentence on
// standard error says why not; 2: the command line itself is wrong.
#include <cstdio>

#include "app/commands.h"
#include "base/log.h"

namespace cauce::app {
namespace {

int run(int argument_count, char** arguments) {
  CommandLine line{"cauce",
                   "cauce: sensor data from devices to decisions, without losing any of it",
                   std::string("cauce ") + CAUCE_VERSION};
  const Command program = line.program();
  add_serve_command(program);
  add_stream_command(program);
  add_query_command(program);
  add_report_command(program);
  add_user_command(program);
  add_owner_link_command(program);
  add_company_command(program);
  add_site_command(program);
  add_device_command(program);
  add_device_type_command(program);
  add_alarms_command(program);
  add_detect_command(program);
  add_backup_command(program);
  add_restore_command(program);
  add_doctor_command(program);
  add_chart_command(program);
  add_dataset_command(program);

  if (const auto status = line.parse(argument_count, arguments)) return *status;
  const Result<void> done = line.chosen()();
  if (done) return 0;
  if (log::format() == log::Format::json) {
    log::error(done.error().message);
  } else {
    std::fprintf(stderr, "cauce: %s\n", done.error().message.c_str());
  }
  return 1;
}

}  // namespace
}  // namespace cauce::app

int main(int argument_count, char** arguments) {
  return cauce::app::run(argument_count, arguments);
}
