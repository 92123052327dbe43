#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <map>
#include <optional>

#include "app/commands.h"
#include "charts/figures.h"
#include "charts/options.h"
#include "charts/recommend_json.h"
#include "charts/render.h"
#include "datasets/open_table.h"
#include "datasets/summary.h"
#include "disk/error.h"

namespace cauce::app {
namespace {

struct Chart {
  std::string kind;
  std::filesystem::path data;
  std::filesystem::path out;
  std::filesystem::path statistics;
  std::map<std::string, std::vector<std::string>> options;  // by name, as often as given
  datasets::TableOptions reading;
};

// The whole file or an error; a picture has no room for half of it.
Result<void> write_file(const std::filesystem::path& path, BytesView bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return disk::error_of("write", path.string(), errno);
  int failure = 0;
  while (!bytes.empty() && failure == 0) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count >= 0) bytes.remove_prefix(std::size_t(count));
    if (count < 0 && errno != EINTR) failure = errno;
  }
  if (::close(file) != 0 && failure == 0) failure = errno;
  if (failure != 0) return disk::error_of("write", path.string(), failure);
  return {};
}

Result<charts::Format> format_of(const std::filesystem::path& out) {
  const std::string extension = out.extension().string();
  if (out.filename().string().ends_with(".vl.json")) return charts::Format::vega_lite;
  if (extension == ".png") return charts::Format::png;
  if (extension == ".svg") return charts::Format::svg;
  if (extension == ".pdf") return charts::Format::pdf;
  return Error{
      Outcome::invalid,
      fmt::format("--out {}: a name ending in .png, .svg, .pdf or .vl.json says what is made",
                  out.string())};
}

Result<charts::Request> request_of(const Chart& command) {
  const Result<charts::Kind> kind = charts::parse_kind(command.kind);
  if (!kind) return kind.error();
  charts::Request request;
  request.kind = *kind;
  request.source = command.data.filename().string();
  for (const auto& [name, values] : command.options) {
    for (const std::string& value : values) {
      if (auto set = charts::set_option(request, name, value); !set) return set.error();
    }
  }
  return request;
}

// A column of the summary as the recommender wants it.
charts::ColumnSummary recommendable(const datasets::ColumnSummary& column, std::uint64_t rows) {
  return {.name = column.name,
          .type = column.type,
          .rows = rows,
          .missing = column.missing,
          .distinct = column.distinct};
}

Result<void> recommend(const Chart& command) {
  bool is_alone = command.out.empty() && command.statistics.empty();
  for (const auto& [name, values] : command.options) {
    is_alone = is_alone && values.empty();
  }
  if (!is_alone)
    return Error{Outcome::invalid, "recommend takes --data, --missing and --text alone"};
  const auto table = datasets::open_table(command.data, command.reading);
  if (!table) return table.error().during(command.data.string());
  const auto summary = datasets::summarize(**table, 0);
  if (!summary) return summary.error().during(command.data.string());
  std::vector<charts::ColumnSummary> columns;
  for (const datasets::ColumnSummary& column : summary->columns) {
    columns.push_back(recommendable(column, summary->rows));
  }
  std::printf("%s\n", charts::recommendations_json(columns).c_str());
  return {};
}

Result<void> run_chart(const Chart& command) {
  if (command.kind == "recommend") return recommend(command);
  if (command.out.empty() && command.statistics.empty()) {
    return Error{Outcome::invalid, "say where to: --out FILE.png, --statistics FILE.json or both"};
  }
  Result<charts::Request> request = request_of(command);
  if (!request) return request.error();
  // A picture alone needs fewer numbers.
  request->every_statistic = !command.statistics.empty();
  std::optional<charts::Format> format;
  if (!command.out.empty()) {
    const Result<charts::Format> named = format_of(command.out);
    if (!named) return named.error();
    format = *named;
  }
  const Result<std::unique_ptr<datasets::FileTable>> table =
      datasets::open_table(command.data, command.reading);
  if (!table) return table.error().during(command.data.string());
  const Result<charts::Figures> figures = charts::compute_figures(**table, *request);
  if (!figures) return figures.error().during(command.data.string());
  if (!command.statistics.empty()) {
    if (auto done = write_file(command.statistics, charts::to_json(*figures)); !done) return done;
  }
  if (!format) return {};
  std::uint64_t boxes = 0;
  const Result<Bytes> picture = charts::render(*figures, *request, *format, boxes);
  if (!picture) return picture.error();
  if (auto done = write_file(command.out, *picture); !done) return done;
  if (boxes > 0) {
    fmt::print(stderr,
               "{} of its characters are in no installed font and drawn as boxes: install "
               "fonts-noto-core, fonts-noto-cjk or fonts-noto-color-emoji\n",
               boxes);
  }
  std::printf("%s\n", charts::alternative_text(*figures, *request).c_str());
  return {};
}

}  // namespace

void add_chart_command(Command program) {
  const auto command = std::make_shared<Chart>();
  Command chart = program.add_command(
      "chart", "a picture of a file's columns, and the numbers drawn; needs no running cauce");
  chart
      .add_option("kind", command->kind,
                  "scatter, bar, box, density, histogram, ecdf, line, heat or pairs; or recommend, "
                  "which prints up to three of them with their reasons, as JSON")
      .required();
  chart
      .add_option(
          "--data", command->data,
          "CSV, JSON Lines, JSON, Parquet or XLSX; CSV and JSON also packed by gzip or zstd")
      .required();
  chart.add_option("--out", command->out,
                   "the picture: FILE.png, FILE.svg, FILE.pdf, or FILE.vl.json for Vega-Lite");
  chart.add_option("--statistics", command->statistics, "the numbers drawn, as JSON");
  for (const charts::Option& option : charts::options()) {
    const std::string name(option.name);
    chart.add_option("--" + name, command->options[name],
                     fmt::format("{}: {}", option.values, option.help));
  }
  chart.add_option("--missing", command->reading.csv.missing_words,
                   "a further word that stands for a missing value; may be given again");
  chart.add_option("--text", command->reading.csv.text_columns,
                   "the name of a column to be read as text; may be given again");
  chart.runs([command] { return run_chart(*command); });
}

}  // namespace cauce::app
