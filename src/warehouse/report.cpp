#include "warehouse/report.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "objects/manifest.h"
#include "warehouse/columns.h"
#include "warehouse/committed.h"

namespace cauce::warehouse {
namespace {

using std::chrono::days;
using table::Type;

constexpr int days_default = 7;

// One local day of one site: what DuckDB is given.
struct SiteDay {
  std::string company;
  std::string site;
  std::string time_zone;
  LocalDay day;
};

const std::vector<table::Column> site_days_columns{
    {"company", Type::text},   {"site", Type::text},   {"day", Type::text},
    {"time_zone", Type::text}, {"begins", Type::time}, {"ends", Type::time}};

// Each fact meets the last day of its site that began before it. The hours of a day are counted
// from its beginning, so that of clocks set back none is lost. quantile_disc of a decimal is the
// nearest rank, ceil(n * p), in whole numbers.
constexpr std::string_view summary_sql =
    "SELECT d.company, d.site, d.day, d.time_zone, f.metric, f.unit, "
    "count(DISTINCT f.device) AS devices, count(*) AS facts, "
    "min(f.value) AS min, avg(f.value) AS mean, quantile_disc(f.value, 0.50) AS p50, "
    "quantile_disc(f.value, 0.95) AS p95, max(f.value) AS max, "
    "count(DISTINCT (epoch_us(f.time) - epoch_us(d.begins)) // 3600000000) AS hours "
    "FROM facts f ASOF JOIN site_days d "
    "ON f.company = d.company AND f.site = d.site AND f.time >= d.begins "
    "WHERE f.value IS NOT NULL AND f.time < d.ends "
    "GROUP BY ALL ORDER BY d.company, d.site, d.day, f.metric, f.unit";

// Companies that have facts, and those of the dimensions.
Result<std::set<std::string>> companies_of(objects::Objects& objects, table::Engine& engine,
                                           const ReportOptions& options) {
  objects::Manifest manifest(objects, std::string(facts_prefix));
  if (auto read = manifest.refresh(); !read) return read.error();
  std::set<std::string> companies;
  for (const objects::ManifestObject& object : manifest.committed()) {
    const auto label = object.labels.find("company");
    if (label != object.labels.end()) companies.insert(label->second);
  }
  const auto known = engine.query("SELECT company FROM companies", options.site_days_max);
  if (!known) return known.error();
  for (const auto& row : known->rows)
    companies.insert(row[0]);
  return companies;
}

struct Site {
  std::string company;
  std::string name;
  std::string time_zone;
};

// Those that the report is about; the site "" stands for the facts that have none.
Result<std::vector<Site>> sites_of(objects::Objects& objects, table::Engine& engine,
                                   const DailySiteSummary& asked, const ReportOptions& options) {
  const auto known =
      engine.query("SELECT company, site, time_zone FROM sites", options.site_days_max);
  if (!known) return known.error();
  std::vector<Site> sites;
  for (const auto& row : known->rows) {
    const bool wanted = (asked.company.empty() || row[0] == asked.company) &&
                        (!asked.site || row[1] == *asked.site);
    if (wanted) sites.push_back({row[0], row[1], row[2]});
  }
  if (asked.site && !asked.site->empty() && sites.empty()) {
    return Error{Outcome::not_found,
                 fmt::format("there is no site \"{}\"; a new one is in the reports a few seconds "
                             "after it was made",
                             asked.site->substr(0, 64))};
  }
  if (asked.site && !asked.site->empty()) return sites;
  std::set<std::string> companies{asked.company};
  if (asked.company.empty()) {
    auto all = companies_of(objects, engine, options);
    if (!all) return all.error();
    companies = std::move(*all);
  }
  for (const std::string& company : companies)
    sites.push_back({company, "", "UTC"});
  return sites;
}

Result<std::vector<SiteDay>> days_of(const std::vector<Site>& sites, const DailySiteSummary& asked,
                                     Time now, const ReportOptions& options) {
  std::vector<SiteDay> all;
  for (const Site& site : sites) {
    const auto found = TimeZone::find(site.time_zone);
    const TimeZone zone = found ? *found : TimeZone{};
    const Date to = asked.to ? *asked.to : zone.day_at(now).date;
    const Date from = asked.from ? *asked.from : to - days{days_default - 1};
    if (from > to) {
      return Error{Outcome::invalid,
                   fmt::format("the report's first day, {}, is after its last, {}",
                               format_date(from), format_date(to))};
    }
    const auto count = std::size_t((to - from).count()) + 1;
    if (count > options.days_max || all.size() + count > options.site_days_max) {
      return Error{
          Outcome::invalid,
          fmt::format("a report is of {} days and of {} days of all its sites at most; ask "
                      "for fewer days or for one site",
                      options.days_max, options.site_days_max)};
    }
    for (Date date = from; date <= to; date += days{1}) {
      const LocalDay day = zone.day(date);
      if (day.start < day.end) all.push_back({site.company, site.name, zone.name(), day});
    }
  }
  return all;
}

Result<void> put_site_days(table::Engine& engine, const std::vector<SiteDay>& site_days) {
  if (auto made = engine.create_table("site_days", site_days_columns); !made) return made;
  auto rows = engine.append("site_days");
  if (!rows) return rows.error();
  for (const SiteDay& site_day : site_days) {
    (*rows)->text(site_day.company);
    (*rows)->text(site_day.site);
    (*rows)->text(format_date(site_day.day.date));
    (*rows)->text(site_day.time_zone);
    (*rows)->time(site_day.day.start);
    (*rows)->time(site_day.day.end);
    (*rows)->end_row();
  }
  return (*rows)->finish();
}

// Objects of facts hold one company and one UTC day each: the others need not be read.
Wanted holding(const std::vector<SiteDay>& site_days) {
  std::set<std::string> companies;
  std::string first = "9";
  std::string last;
  for (const SiteDay& site_day : site_days) {
    companies.insert(site_day.company);
    first = std::min(first, day_of(std::max(site_day.day.start, time_min)));
    last = std::max(last, day_of(site_day.day.end));
  }
  return [=](const objects::ManifestObject& object) {
    const auto company = object.labels.find("company");
    const auto day = object.labels.find("day");
    if (company == object.labels.end() || day == object.labels.end()) return true;
    return companies.contains(company->second) && day->second >= first && day->second <= last;
  };
}

}  // namespace

Result<table::Answer> daily_site_summary(objects::Objects& objects, const DailySiteSummary& asked,
                                         Time now, const ReportOptions& options) {
  auto engine = table::Engine::open(options.table);
  if (!engine) return engine.error();
  if (auto made = make_dimension_views(**engine, objects); !made) return made.error();
  const auto sites = sites_of(objects, **engine, asked, options);
  if (!sites) return sites.error();
  const auto site_days = days_of(*sites, asked, now, options);
  if (!site_days) return site_days.error();
  const auto files = committed_files(objects, facts_prefix, holding(*site_days));
  if (!files) return files.error();
  auto done = put_site_days(**engine, *site_days);
  if (done) done = make_fact_views(**engine, *files);
  if (!done) return done.error();
  auto answer = (*engine)->query(summary_sql, options.rows_max);
  if (answer && answer->cut) {
    return Error{
        Outcome::invalid,
        fmt::format("this report has more than {} rows; ask for fewer days or for one site",
                    options.rows_max)};
  }
  return answer;
}

}  // namespace cauce::warehouse
