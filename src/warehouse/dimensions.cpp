#include "warehouse/dimensions.h"

#include <fmt/core.h>

#include <system_error>
#include <utility>

#include "base/failpoint.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "warehouse/columns.h"
#include "work/signal.h"

namespace cauce::warehouse {
namespace {

using table::Type;

const std::vector<table::Column> companies_columns{{"company", Type::text}, {"title", Type::text}};
const std::vector<table::Column> sites_columns{{"company", Type::text},
                                               {"site", Type::text},
                                               {"title", Type::text},
                                               {"time_zone", Type::text}};
const std::vector<table::Column> device_types_columns{{"company", Type::text},
                                                      {"device_type", Type::text},
                                                      {"encrypted", Type::boolean},
                                                      {"metrics", Type::int32}};
const std::vector<table::Column> devices_columns{
    {"company", Type::text},   {"device", Type::text}, {"device_type", Type::text},
    {"site", Type::text},      {"area", Type::text},   {"enabled", Type::boolean},
    {"created_at", Type::time}};

void append(table::Appender& row, const business::Company& company) {
  row.text(company.name);
  row.text(company.title);
}
void append(table::Appender& row, const business::Site& site) {
  row.text(site.company);
  row.text(site.name);
  row.text(site.title);
  row.text(site.time_zone);
}
void append(table::Appender& row, const business::DeviceType& type) {
  row.text(type.company);
  row.text(type.name);
  row.boolean(type.encryption != business::Encryption::none);
  row.integer(std::int64_t(type.metrics.size()));
}
void append(table::Appender& row, const business::Device& device) {
  row.text(device.company);
  row.text(device.name);
  row.text(device.type);
  row.text(device.site);
  row.text(device.area);
  row.boolean(device.enabled);
  row.time(device.created_at);
}

template <class Item>
void append_all(table::Appender& rows, const std::vector<const Item*>& items) {
  for (const Item* item : items) {
    append(rows, *item);
    rows.end_row();
  }
}

// In the order of the registry, which is that of names.
void append_table(table::Appender& rows, std::string_view table,
                  const business::Registry& registry) {
  const auto companies = registry.companies();
  if (table == "companies") append_all(rows, companies);
  for (const business::Company* company : companies) {
    if (table == "sites") append_all(rows, registry.sites(company->name));
    if (table == "device_types") append_all(rows, registry.device_types(company->name));
    if (table == "devices") append_all(rows, registry.devices(company->name));
  }
}

// Takes rows as bytes, to tell whether two sets of tables hold the same.
class Digest final : public table::Appender {
 public:
  void boolean(bool value) override { put_u8(bytes_, value ? 1 : 0); }
  void integer(std::int64_t value) override { put_i64(bytes_, value); }
  void real(double value) override { put_f64(bytes_, value); }
  void text(std::string_view value) override { put_sized(bytes_, value); }
  void blob(BytesView value) override { put_sized(bytes_, value); }
  void time(Time value) override { put_i64(bytes_, to_microseconds(value)); }
  void null() override { put_u8(bytes_, 0); }
  void end_row() override { put_u8(bytes_, '\n'); }
  Result<void> finish() override {
    put_u8(bytes_, '\0');
    return {};
  }
  std::string hex() const { return to_hex(crypto::sha256(bytes_)); }

 private:
  Bytes bytes_;
};

std::string content_of(const business::Registry& registry) {
  Digest digest;
  for (const Dimension& dimension : dimensions()) {
    append_table(digest, dimension.table, registry);
    static_cast<void>(digest.finish());
  }
  return digest.hex();
}

bool may_pass(const Error& error) {
  return error.outcome == Outcome::exhausted || error.outcome == Outcome::unavailable;
}

class Follower final : public work::Worker {
 public:
  explicit Follower(Dimensions& dimensions) : dimensions_(dimensions) {}

  std::string_view name() const override { return "dimensions"; }
  void wait(Duration span_max) override { signal_.wait(span_max); }
  void wake() override { signal_.set(); }

  Result<work::Progress> step() override {
    const auto written = dimensions_.follow();
    if (!written && !may_pass(written.error())) return written.error().during("dimensions");
    if (written) {
      in_trouble_ = false;
    } else if (!std::exchange(in_trouble_, true)) {
      log::warning(written.error().during("dimensions wait").message);
    }
    return written && *written ? work::Progress::worked : work::Progress::idle;
  }

 private:
  Dimensions& dimensions_;
  bool in_trouble_ = false;
  work::Signal signal_;
};

}  // namespace

const std::vector<Dimension>& dimensions() {
  static const std::vector<Dimension> all{{"companies", companies_columns},
                                          {"sites", sites_columns},
                                          {"device_types", device_types_columns},
                                          {"devices", devices_columns}};
  return all;
}

Result<std::map<std::string, std::vector<std::filesystem::path>>> dimension_files(
    objects::Objects& objects) {
  objects::Manifest manifest(objects, std::string(dimensions_prefix));
  if (auto read = manifest.refresh(); !read) return read.error();
  std::map<std::string, const objects::ManifestObject*> last;
  for (const objects::ManifestObject& object : manifest.committed()) {
    const auto table = object.labels.find("table");
    if (table != object.labels.end()) last[table->second] = &object;
  }
  std::map<std::string, std::vector<std::filesystem::path>> files;
  for (const auto& [table, object] : last) {
    auto file = objects.local_copy(object->key);
    if (!file && file.error().outcome == Outcome::not_found) {
      return Error{Outcome::corrupt, fmt::format("{} is committed, but missing; restore it from a "
                                                 "copy",
                                                 object->key)};
    }
    if (!file) return file.error();
    files[table].push_back(std::move(*file));
  }
  return files;
}

Dimensions::Dimensions(objects::Objects& objects, business::Registry& registry, const Clock& clock,
                       DimensionsOptions options)
    : objects_(objects),
      registry_(registry),
      clock_(clock),
      options_(std::move(options)),
      manifest_(objects, std::string(dimensions_prefix)) {}

Result<void> Dimensions::open() {
  std::error_code failure;
  std::filesystem::create_directories(options_.scratch_directory, failure);
  if (failure) {
    return Error{Outcome::unavailable,
                 fmt::format("cannot use {} for the dimensions: {}",
                             options_.scratch_directory.string(), failure.message())};
  }
  if (auto opened = manifest_.open(clock_.now()); !opened) {
    return opened.error().during("open dimensions");
  }
  if (auto swept = manifest_.sweep(); !swept) return swept.error().during("sweep dimensions");
  if (!manifest_.committed().empty()) {
    const auto& labels = manifest_.committed().back().labels;
    const auto content = labels.find("content");
    if (content != labels.end()) content_ = content->second;
  }
  auto engine = table::Engine::open(options_.table);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  return {};
}

Result<bool> Dimensions::follow() {
  const Duration elapsed = clock_.elapsed();
  if (looked_at_ && elapsed - *looked_at_ < options_.interval_min) return false;
  if (auto refreshed = registry_.refresh(); !refreshed) return refreshed.error();
  looked_at_ = elapsed;
  const std::string content = content_of(registry_);
  if (content == content_) return false;
  if (auto written = write_snapshot(content); !written) return written.error();
  content_ = content;
  return true;
}

Result<void> Dimensions::write_snapshot(const std::string& content) {
  const std::uint64_t number = manifest_.cursor(0);
  objects::ManifestEntry entry;
  entry.from = number;
  entry.to = number + 1;
  entry.committed_at = clock_.now();
  for (const Dimension& dimension : dimensions()) {
    // The epoch keeps a writer that was replaced, and does not know it yet, from our objects.
    auto object = write_table(dimension, fmt::format("{}/{}-{}/{}.parquet", dimensions_prefix,
                                                     number, manifest_.epoch(), dimension.table));
    if (!object) return object.error();
    object->labels = {{"table", std::string(dimension.table)},
                      {"snapshot", fmt::format("{}", number)},
                      {"content", content}};
    entry.objects.push_back(std::move(*object));
  }
  FAILPOINT("dimensions.before_commit");
  return manifest_.commit(std::move(entry));
}

Result<objects::ManifestObject> Dimensions::write_table(const Dimension& dimension,
                                                        std::string key) {
  auto done = engine_->drop_table(dimension.table);
  if (done) done = engine_->create_table(dimension.table, dimension.columns);
  if (!done) return done.error();
  auto appender = engine_->append(dimension.table);
  if (!appender) return appender.error();
  append_table(**appender, dimension.table, registry_);
  if (auto finished = (*appender)->finish(); !finished) return finished.error();
  const auto path = options_.scratch_directory / fmt::format("{}.parquet", dimension.table);
  const auto rows = engine_->write_parquet(fmt::format("SELECT * FROM {}", dimension.table), path);
  if (!rows) return rows.error();
  if (auto dropped = engine_->drop_table(dimension.table); !dropped) return dropped.error();
  std::error_code failure;
  const std::uint64_t bytes = std::filesystem::file_size(path, failure);
  if (failure) {
    return Error{Outcome::unavailable, fmt::format("cannot find {}, which was just written: {}",
                                                   path.string(), failure.message())};
  }
  if (auto stored = objects_.put_file(key, path); !stored) return stored.error();
  return objects::ManifestObject{
      .key = std::move(key), .rows = *rows, .bytes = bytes, .labels = {}};
}

std::unique_ptr<work::Worker> follow_business(Dimensions& dimensions) {
  return std::make_unique<Follower>(dimensions);
}

}  // namespace cauce::warehouse
