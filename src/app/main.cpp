// The program: reads the command line and runs one command. Exit status 0: done; 1: the sentence on
// standard error says why not; 2: the command line itself is wrong.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "app/commands.h"
#include "app/serve.h"

namespace cauce::app {
namespace {

constexpr const char* default_data = "cauce-data";
constexpr const char* data_help = "the directory that holds everything (default: cauce-data)";

int report(const Result<void>& result) {
  if (result) return 0;
  std::fprintf(stderr, "cauce: %s\n", result.error().message.c_str());
  return 1;
}

// The command line wins over the file, so the file is read before the flags are laid over it.
struct ServeFlags {
  Serve command;
  std::string data;
  std::optional<std::uint16_t> mqtt_port;
  std::optional<std::uint16_t> http_port;
  bool open = false;
  bool allow_plaintext = false;
};

int serve(ServeFlags& flags) {
  Config& config = flags.command.config;
  if (!flags.command.config_file.empty()) {
    const Result<void> read = read_config(flags.command.config_file, config);
    if (!read) return report(read);
  }
  if (!flags.data.empty()) config.data = flags.data;
  if (flags.mqtt_port) config.mqtt.port = *flags.mqtt_port;
  if (flags.http_port) config.http.port = *flags.http_port;
  config.open = flags.open;
  config.allow_plaintext = config.allow_plaintext || flags.allow_plaintext;
  return report(run_serve(flags.command));
}

void add_serve(CLI::App& program, ServeFlags& flags) {
  CLI::App* serve = program.add_subcommand("serve", "run cauce until Ctrl-C");
  serve->add_option("--data", flags.data, data_help);
  serve->add_option("--config", flags.command.config_file, "a TOML file with settings");
  serve
      ->add_option("--role", flags.command.roles,
                   "run only these roles, in this process: gateway, lake, decode, processing, "
                   "stats, alarms, api")
      ->delimiter(',');
  serve->add_option("--mqtt-port", flags.mqtt_port, "where devices publish; 0: any free port");
  serve->add_option("--http-port", flags.http_port, "REST and the page; 0: any free port");
  serve->add_flag("--open", flags.open,
                  "admit any MQTT client on any topic, for benchmarks; loopback only");
  serve->add_flag("--allow-plaintext", flags.allow_plaintext,
                  "listen on other addresses than loopback although nothing is encrypted");
  // The supervisor's own words to its processes.
  serve->add_option("--process-name", flags.command.process_name)->group("");
  serve->add_option("--inherit-mqtt", flags.command.inherited_mqtt)->group("");
  serve->add_option("--inherit-http", flags.command.inherited_http)->group("");
}

void add_stream(CLI::App& program, StreamRead& command, std::string& format) {
  CLI::App* stream = program.add_subcommand("stream", "look into the stream");
  stream->require_subcommand(1);
  CLI::App* read = stream->add_subcommand("read", "print the records of a topic");
  read->add_option("--data", command.data, data_help);
  read->add_option("--topic", command.topic, "raw, readings, facts, events or commands")
      ->required();
  read->add_option("--from", command.from, "a position or a time; the oldest record otherwise");
  read->add_option("--format", format, "json or payload")
      ->check(CLI::IsMember({"json", "payload"}));
  read->add_option("--records", command.records_max, "at most so many");
}

void add_query(CLI::App& program, Query& command) {
  CLI::App* query = program.add_subcommand("query", "SQL over lake, facts and dimensions");
  query->add_option("--data", command.data, data_help);
  query->add_option("--format", command.format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}));
  query->add_option("--rows", command.rows_max, "at most so many rows")
      ->check(CLI::Range(1, 100'000'000));
  query
      ->add_option("sql", command.sql,
                   "a SELECT over the views lake, facts, facts_raw, companies, sites, device_types "
                   "and devices")
      ->required();
}

void add_report(CLI::App& program, DailySiteSummary& command) {
  CLI::App* report = program.add_subcommand("report", "prepared reports over the facts");
  report->require_subcommand(1);
  CLI::App* summary = report->add_subcommand(
      "daily-site-summary", "each metric of each site by day in the site's time zone");
  summary->add_option("--data", command.data, data_help);
  summary->add_option("--company", command.company, "of this company alone");
  summary->add_option("--site", command.site, "of this site alone");
  summary->add_option("--from", command.from, "first day, 2026-11-21; six days before --to");
  summary->add_option("--to", command.to, "last day; today");
  summary->add_option("--format", command.format, "table, csv or json")
      ->check(CLI::IsMember({"table", "csv", "json"}));
}

void add_device(CLI::App& program, DeviceAdd& command) {
  CLI::App* device = program.add_subcommand("device", "manage devices of a running cauce");
  device->require_subcommand(1);
  CLI::App* add = device->add_subcommand("add", "make a device and wait for its first message");
  add->add_option("--data", command.data, data_help);
  add->add_option("--company", command.company, "needed when there are several");
  add->add_option("--type", command.type, "its device type; plain JSON otherwise");
  add->add_option("--site", command.site, "where it is");
  add->add_option("--area", command.area, "where it is on the site");
  add->add_flag("--encrypted", command.encrypted, "it sends AES-256-GCM instead of plain JSON");
  add->add_flag("!--no-wait", command.wait, "do not wait for its first message");
  add->add_option("name", command.name, "its name, which never changes")->required();
}

int run(int argument_count, char** arguments) {
  CLI::App program{"cauce: sensor data from devices to decisions, without losing any of it"};
  program.name("cauce");
  program.set_version_flag("--version", std::string("cauce ") + CAUCE_VERSION);
  program.require_subcommand(1);

  ServeFlags serve_flags;
  StreamRead stream_read;
  stream_read.data = default_data;
  std::string stream_format = "json";
  Query query;
  query.data = default_data;
  query.format = "table";
  DailySiteSummary summary;
  summary.data = default_data;
  summary.format = "table";
  DeviceAdd device_add;
  device_add.data = default_data;
  add_serve(program, serve_flags);
  add_stream(program, stream_read, stream_format);
  add_query(program, query);
  add_report(program, summary);
  add_device(program, device_add);

  try {
    program.parse(argument_count, arguments);
  } catch (const CLI::ParseError& failure) {
    return program.exit(failure) == 0 ? 0 : 2;
  }
  if (program.got_subcommand("serve")) return serve(serve_flags);
  if (program.got_subcommand("query")) return report(run_query(query));
  if (program.got_subcommand("report")) return report(run_daily_site_summary(summary));
  if (program.got_subcommand("device")) return report(run_device_add(device_add));
  stream_read.payload = stream_format == "payload";
  return report(run_stream_read(stream_read));
}

}  // namespace
}  // namespace cauce::app

int main(int argument_count, char** arguments) {
  return cauce::app::run(argument_count, arguments);
}
