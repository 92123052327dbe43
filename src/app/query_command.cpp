#include <iostream>

#include "app/commands.h"
#include "app/engines.h"
#include "base/clock.h"
#include "warehouse/answer_text.h"
#include "warehouse/query.h"

namespace cauce::app {

Error no_such_data(const std::filesystem::path& data) {
  return {Outcome::not_found,
          "there is no directory " + data.string() + "; name cauce's data directory with --data"};
}

Result<void> check_data(const std::filesystem::path& data) {
  if (!std::filesystem::is_directory(data)) return no_such_data(data);
  if (std::filesystem::is_directory(data / "stream")) return {};
  return Error{Outcome::not_found,
               data.string() + " holds no data of cauce; name its data directory with --data"};
}

namespace {

struct Query {
  std::filesystem::path data = default_data;
  std::string sql;
  std::string format = "table";
  std::size_t rows_max = 10'000;
};

Result<void> run_query(const Query& command) {
  const Result<warehouse::AnswerFormat> format = warehouse::parse_answer_format(command.format);
  if (!format) return format.error();
  if (!std::filesystem::is_directory(command.data)) return no_such_data(command.data);
  const SystemClock clock;
  const Engines engines{command.data, clock};
  const std::unique_ptr<objects::Objects> objects = engines.objects();
  warehouse::QueryOptions options;
  options.table.temporary_directory = std::filesystem::temp_directory_path();
  const Result<std::unique_ptr<table::Engine>> engine = warehouse::open_query(*objects, options);
  if (!engine) return engine.error();
  const Result<table::Answer> answer = (*engine)->query(command.sql, command.rows_max);
  if (!answer) return answer.error();
  warehouse::print_answer(*answer, *format, std::cout);
  if (const auto notice = warehouse::cut_notice(*answer)) std::cerr << *notice << "\n";
  return {};
}

}  // namespace

void add_query_command(Command program) {
  const auto command = std::make_shared<Query>();
  Command query = program.add_command("query", "SQL over lake, facts and dimensions");
  query.add_option("--data", command->data, data_help);
  query.add_option("--format", command->format, "table, csv or json")
      .one_of({"table", "csv", "json"});
  query.add_option("--rows", command->rows_max, "at most so many rows").within(1, 100'000'000);
  query
      .add_option("sql", command->sql,
                  "a SELECT over the views lake, facts, facts_raw, companies, sites, device_types "
                  "and devices")
      .required();
  query.runs([command] { return run_query(*command); });
}

}  // namespace cauce::app
