// The command line as a command describes it: subcommands, options and flags. What was asked for is
// put into the variables named here, which live until the command has run. CLI11 does the work, and
// command_line.cpp alone includes it: its headers take seconds to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cauce::app {

enum class OutputFormat;

// What the command line asks for, once all of it has been read. It prints to standard output and
// answers an error whose sentence main() prints.
using Chosen = std::function<Result<void>()>;

// An option of a command; each call says more of what it takes.
class Option {
 public:
  explicit Option(CLI::Option& option) : option_(option) {}

  Option& required();
  Option& one_of(const std::vector<std::string>& words);
  Option& within(std::int64_t least, std::int64_t most);
  Option& separated_by(char separator);  // several values at once
  Option& hidden();                      // from help

 private:
  CLI::Option& option_;
};

// A command, or the program as a whole: a handle, to be copied freely, of a CommandLine that lives.
class Command {
 public:
  Command(CLI::App& command, Chosen& chosen) : command_(command), chosen_(chosen) {}

  Command add_command(const std::string& name, const std::string& help);
  // Alone it means nothing: one of its commands must follow.
  void require_command();

  // A name without dashes takes what stands in its place. Value: one of those at the end of
  // command_line.cpp.
  template <class Value>
  Option add_option(const std::string& name, Value& target, const std::string& help = "");
  void add_flag(const std::string& name, bool& target, const std::string& help);
  void add_format(OutputFormat& target);  // --format
  // Of the options added to what this answers, exactly one must be given.
  Command add_alternatives(const std::string& name);

  // What this command does when it is chosen.
  void runs(Chosen action);

 private:
  CLI::App& command_;
  Chosen& chosen_;
};

class CommandLine {
 public:
  // `version` is what --version prints.
  CommandLine(const std::string& name, const std::string& help, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command program();
  // The exit status when there is nothing to run: help was printed (0), or what is wrong (2).
  std::optional<int> parse(int argument_count, char** arguments);
  const Chosen& chosen() const { return chosen_; }

 private:
  std::unique_ptr<CLI::App> program_;
  Chosen chosen_;
};

}  // namespace cauce::app
