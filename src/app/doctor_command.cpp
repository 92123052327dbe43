#include <fmt/core.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/counted.h"
#include "app/doctor.h"

namespace cauce::app {
namespace {

using nlohmann::json;

struct Doctor {
  std::filesystem::path data;         // empty: as the configuration says
  std::filesystem::path config_file;  // empty: none
  std::string format = "text";
};

void print(const Findings& findings) {
  std::size_t wrong = 0;
  std::size_t warnings = 0;
  for (const Finding& finding : findings) {
    std::printf("%s\n", fmt::format("{:<8} {:<22} {}", name_of(finding.state), finding.check,
                                    finding.sentence)
                            .c_str());
    wrong += finding.state == State::wrong ? 1 : 0;
    warnings += finding.state == State::warning ? 1 : 0;
  }
  std::printf("%s\n", fmt::format("{}, {}, {} wrong", counted(findings.size(), "check"),
                                  counted(warnings, "warning"), wrong)
                          .c_str());
}

void print_json(const Findings& findings) {
  json list = json::array();
  for (const Finding& finding : findings) {
    list.push_back({{"state", name_of(finding.state)},
                    {"check", finding.check},
                    {"sentence", finding.sentence}});
  }
  std::printf("%s\n", list.dump(2, ' ', false, json::error_handler_t::replace).c_str());
}

Result<void> run_doctor(const Doctor& command) {
  Config config;
  Findings findings;
  if (!command.config_file.empty()) {
    const auto read = read_config(command.config_file, config);
    if (read) {
      findings.push_back({State::ok, "configuration", command.config_file.string()});
    } else {
      findings.push_back({State::wrong, "configuration", read.error().message});
    }
    if (const auto allowed = check_config(config); read && !allowed) {
      findings.push_back({State::wrong, "configuration", allowed.error().message});
    }
  }
  if (!command.data.empty()) config.data = command.data;
  const SystemClock clock;
  examine_machine(config, findings);
  examine_tls(config, clock, findings);
  std::error_code failure;
  if (std::filesystem::is_directory(config.data, failure)) {
    examine_disk(config, clock, findings);
    examine_rights(config, findings);
    examine_serving(config, findings);
    examine_stores(config, clock, findings);
  } else {
    findings.push_back({State::wrong, "data directory",
                        no_such_data(config.data).message + ", or start cauce, which makes it"});
    examine_serving(config, findings);
  }
  command.format == "json" ? print_json(findings) : print(findings);
  for (const Finding& finding : findings) {
    if (finding.state == State::wrong) {
      return Error{Outcome::invalid, "not all is well: mend what is marked as wrong"};
    }
  }
  return {};
}

}  // namespace

void add_doctor_command(Command program) {
  const auto command = std::make_shared<Doctor>();
  Command doctor = program.add_command("doctor", "find what is wrong and say how to mend it");
  doctor.add_option("--data", command->data, data_help);
  doctor.add_option("--config", command->config_file, "the TOML file that cauce is started with");
  doctor.add_option("--format", command->format, "text or json").one_of({"text", "json"});
  doctor.runs([command] { return run_doctor(*command); });
}

}  // namespace cauce::app
