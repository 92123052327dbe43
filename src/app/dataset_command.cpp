#include <iostream>
#include <memory>

#include "app/commands.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"

namespace cauce::app {

namespace {

struct Describe {
  std::filesystem::path file;
  std::size_t rows = 10;
  datasets::TableOptions options;
};

// What is wrong with the file goes to standard output, for programs; the sentence to standard
// error, for people.
Error refused(const Error& error, const datasets::Report& report) {
  std::cout << datasets::to_json(error, report) << "\n";
  return error;
}

Result<void> run_describe(const Describe& command) {
  datasets::Report report;
  const Result<std::unique_ptr<datasets::FileTable>> table =
      datasets::open_table(command.file, command.options, &report);
  if (!table) return refused(table.error(), report);
  const Result<datasets::Summary> summary = datasets::summarize(**table, command.rows);
  if (!summary) return refused(summary.error(), (*table)->report());
  std::cout << datasets::to_json(*summary, (*table)->report()) << "\n";
  return {};
}

}  // namespace

void add_dataset_command(Command program) {
  Command dataset = program.add_command("dataset", "files of rows and columns");
  dataset.require_command();
  const auto command = std::make_shared<Describe>();
  Command describe =
      dataset.add_command("describe", "columns, types and their statistics, as JSON");
  describe
      .add_option(
          "file", command->file,
          "CSV, JSON Lines, JSON, Parquet or XLSX; CSV and JSON also packed by gzip or zstd")
      .required();
  describe.add_option("--rows", command->rows, "so many of the first rows (default: 10)")
      .within(0, 1000);
  describe.add_option("--missing", command->options.csv.missing_words,
                      "a further word that stands for a missing value; may be given again");
  describe.add_option("--text", command->options.csv.text_columns,
                      "the name of a column to be read as text; may be given again");
  describe.runs([command] { return run_describe(*command); });
}

}  // namespace cauce::app
