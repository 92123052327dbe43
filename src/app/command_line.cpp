#include "app/command_line.h"

#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <utility>

#include "app/command_output.h"

namespace cauce::app {

Option& Option::required() {
  option_.required();
  return *this;
}

Option& Option::one_of(const std::vector<std::string>& words) {
  option_.check(CLI::IsMember(words));
  return *this;
}

Option& Option::within(std::int64_t least, std::int64_t most) {
  option_.check(CLI::Range(least, most));
  return *this;
}

Option& Option::separated_by(char separator) {
  option_.delimiter(separator);
  return *this;
}

Option& Option::hidden() {
  option_.group("");
  return *this;
}

Command Command::add_command(const std::string& name, const std::string& help) {
  return {*command_.add_subcommand(name, help), chosen_};
}

void Command::require_command() {
  command_.require_subcommand(1);
}

template <class Value>
Option Command::add_option(const std::string& name, Value& target, const std::string& help) {
  CLI::Option* option = command_.add_option(name, target, help);
  // A list grows by giving its option again; what follows a value is no part of it.
  option->allow_extra_args(false);
  return Option{*option};
}

void Command::add_flag(const std::string& name, bool& target, const std::string& help) {
  command_.add_flag(name, target, help);
}

void Command::add_format(OutputFormat& target) {
  static const std::map<std::string, OutputFormat> formats{{"table", OutputFormat::table},
                                                           {"json", OutputFormat::json}};
  command_.add_option("--format", target, "table or json")
      ->transform(CLI::CheckedTransformer(formats))
      ->type_name("table|json");
}

Command Command::add_alternatives(const std::string& name) {
  CLI::Option_group& group = *command_.add_option_group(name);
  group.require_option(1);
  return {group, chosen_};
}

void Command::runs(Chosen action) {
  command_.callback([&chosen = chosen_, action = std::move(action)] { chosen = action; });
}

CommandLine::CommandLine(const std::string& name, const std::string& help,
                         const std::string& version)
    : program_(std::make_unique<CLI::App>(help)) {
  program_->name(name);
  program_->set_version_flag("--version", version);
  program_->require_subcommand(1);
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() {
  return {*program_, chosen_};
}

std::optional<int> CommandLine::parse(int argument_count, char** arguments) {
  try {
    program_->parse(argument_count, arguments);
  } catch (const CLI::ExtrasError&) {
    // CLI11 2.3 tells them from the last to the first.
    const std::vector<std::string> extras = program_->remaining(true);
    return program_->exit(CLI::ExtrasError{{extras.rbegin(), extras.rend()}}) == 0 ? 0 : 2;
  } catch (const CLI::ParseError& failure) {
    return program_->exit(failure) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

template Option Command::add_option(const std::string&, std::string&, const std::string&);
template Option Command::add_option(const std::string&, std::filesystem::path&, const std::string&);
template Option Command::add_option(const std::string&, std::uint64_t&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<int>&, const std::string&);
template Option Command::add_option(const std::string&, std::optional<std::uint16_t>&,
                                    const std::string&);
template Option Command::add_option(const std::string&, std::vector<std::string>&,
                                    const std::string&);

}  // namespace cauce::app
