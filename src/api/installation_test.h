// A whole installation in one process for the tests of this room: memory engines, a virtual clock,
// two companies. `acme` owns one of everything; `rival` is the foreign company.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "api/report_desk.h"
#include "api/sources_test.h"
#include "business/sqlite/sqlite.h"
#include "recent/memory/memory.h"

namespace cauce::api {

// A folder that lives as long as the test.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path path;
};

// Ends the test with this sentence.
[[noreturn]] void fail(const Error& error);

template <class Value>
Value must(Result<Value> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}
inline void must(const Result<void>& result) {
  if (!result) fail(result.error());
}

struct Reply {
  Reply();
  Reply(const Reply&);
  Reply(Reply&&) noexcept;
  Reply& operator=(Reply&&) noexcept;
  ~Reply();

  int status = 0;  // 0: not answered
  std::map<std::string, std::string> headers;
  std::string text;
  nlohmann::json body;  // null when the answer has none

  // What does not differ between two requests for the same: status and body without its id.
  std::string lasting() const;
};

struct AskedFile {
  std::string content;
  std::string name = "cars.csv";
  std::map<std::string, std::string> fields = {};
};

struct Asked {
  std::string token = {};
  std::string body = {};
  std::map<std::string, std::string> query = {};
  std::map<std::string, std::string> headers = {};
  std::optional<AskedFile> file = {};
};

struct Installation {
  static constexpr Time start = from_microseconds(1'800'000'000'000'000);  // 2027-01-15T08:00:00Z

  explicit Installation(Options with = {});
  ~Installation();

  // Asks and works until nothing is left to do; commands become durable unless held.
  Reply ask(const std::string& method, const std::string& path, const Asked& asked = {});
  void send(const std::string& method, const std::string& path, const Asked& asked,
            const std::shared_ptr<Reply>& reply);
  void work();
  void pass(Duration span);
  // Appends to `raw` as the gateway does.
  void receive(std::vector<Bytes> records);
  void refresh();
  // The business data as dimensions, and one fact of acme's plant at the start.
  void fill_warehouse();

  Options options;
  bool hold_commands = false;
  bool hold_reports = false;
  bool hold_charts = false;
  Folder folder;
  VirtualClock clock{start};
  SeededRandom random{7};
  std::unique_ptr<business::Store> store;
  std::unique_ptr<business::Business> business;
  std::unique_ptr<business::Registry> registry;
  recent::memory::Store recent{clock, {}};
  std::unique_ptr<stream::Topic> raw;
  std::unique_ptr<stream::Writer> raw_writer;
  std::unique_ptr<stream::Reader> raw_reader;
  std::unique_ptr<stream::Topic> commands;
  std::unique_ptr<stream::Writer> commands_writer;
  std::unique_ptr<commands::Desk> desk;
  ShelfOfAlarms alarms;
  ShelfOfLetters letters;
  ledger::LedgerReader ledger{folder.path};
  StandingPlatform platform;
  std::unique_ptr<net::Loop> loop;
  std::unique_ptr<net::HttpClient> gateway;
  std::unique_ptr<objects::Objects> objects;
  std::unique_ptr<ReportDesk> reports;
  std::unique_ptr<DataDesk> data;
  std::unique_ptr<ChartDesk> charts;
  std::unique_ptr<Api> api;

 private:
  void add_companies();
  void add_token(const std::string& token, const std::string& company, business::Access access);
  void add_tokens();
  // Ten values, a second apart, of each of two metrics; one metric has a '/' in its name.
  void add_series();
  void add_records();
};

}  // namespace cauce::api
