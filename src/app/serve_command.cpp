
#include "app/commands.h"
#include "app/serve.h"

namespace cauce::app {
namespace {

// The command line wins over the file, so the file is read before the flags are laid over it.
struct ServeFlags {
  Serve command;
  std::string data;
  std::optional<std::uint16_t> mqtt_port;
  std::optional<std::uint16_t> http_port;
  std::optional<std::uint16_t> ingest_port;
  bool open = false;
  bool allow_plaintext = false;
};

Result<void> serve(ServeFlags& flags) {
  Config& config = flags.command.config;
  if (!flags.command.config_file.empty()) {
    const Result<void> read = read_config(flags.command.config_file, config);
    if (!read) return read;
  }
  if (!flags.data.empty()) config.data = flags.data;
  if (flags.mqtt_port) config.mqtt.port = *flags.mqtt_port;
  if (flags.http_port) config.http.port = *flags.http_port;
  if (flags.ingest_port) config.ingest.port = *flags.ingest_port;
  config.open = flags.open;
  config.allow_plaintext = config.allow_plaintext || flags.allow_plaintext;
  return run_serve(flags.command);
}

}  // namespace

void add_serve_command(Command program) {
  const auto flags = std::make_shared<ServeFlags>();
  Command serve_app = program.add_command("serve", "run cauce until Ctrl-C");
  serve_app.add_option("--data", flags->data, data_help);
  serve_app.add_option("--config", flags->command.config_file, "a TOML file with settings");
  serve_app
      .add_option("--role", flags->command.roles,
                  "run only these roles, in this process: gateway, lake, decode, processing, "
                  "stats, alarms, api")
      .separated_by(',');
  serve_app.add_option("--mqtt-port", flags->mqtt_port, "where devices publish; 0: any free port");
  serve_app.add_option("--http-port", flags->http_port, "REST and the page; 0: any free port");
  serve_app.add_option("--ingest-port", flags->ingest_port,
                       "where devices send by HTTP; 0: any free port");
  serve_app.add_flag("--open", flags->open,
                     "admit any client on any topic, for benchmarks; loopback only");
  serve_app.add_flag("--allow-plaintext", flags->allow_plaintext,
                     "listen on other addresses than loopback although nothing is encrypted");
  // The supervisor's own words to its processes.
  serve_app.add_option("--process-name", flags->command.process_name).hidden();
  serve_app.add_option("--inherit", flags->command.inherited).hidden();
  serve_app.add_option("--tell-started", flags->command.tell_started).hidden();
  serve_app.runs([flags] { return serve(*flags); });
}

}  // namespace cauce::app
