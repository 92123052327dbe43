// The program: reads the command line and runs one command. Exit status 0: done; 1: the sentence on
// standard error says why not; 2: the command line itself is wrong.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "base/log.h"

namespace cauce::app {
namespace {

int run(int argument_count, char** arguments) {
  CLI::App program{"cauce: sensor data from devices to decisions, without losing any of it"};
  program.name("cauce");
  program.set_version_flag("--version", std::string("cauce ") + CAUCE_VERSION);
  program.require_subcommand(1);

  Chosen chosen;
  add_serve_command(program, chosen);
  add_stream_command(program, chosen);
  add_query_command(program, chosen);
  add_report_command(program, chosen);
  add_user_command(program, chosen);
  add_owner_link_command(program, chosen);
  add_company_command(program, chosen);
  add_site_command(program, chosen);
  add_device_command(program, chosen);
  add_alarms_command(program, chosen);
  add_detect_command(program, chosen);
  add_dataset_command(program, chosen);
  add_backup_command(program, chosen);
  add_restore_command(program, chosen);
  add_doctor_command(program, chosen);

  try {
    program.parse(argument_count, arguments);
  } catch (const CLI::ParseError& failure) {
    return program.exit(failure) == 0 ? 0 : 2;
  }
  const Result<void> done = chosen();
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
