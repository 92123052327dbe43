#include "datasets/store_uploads.h"

#include <fmt/core.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>
#include <vector>

#include "base/json_number.h"
#include "disk/error.h"

namespace cauce::datasets {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::size_t id_bytes = 16;
constexpr std::string_view part_suffix = ".part";
constexpr std::string_view note_suffix = ".json";

Json json_of(const Upload& upload) {
  Json json = {{"id", upload.id},
               {"company", upload.company},
               {"owner", upload.owner},
               {"name", upload.name},
               {"data_set", upload.data_set},
               {"file_name", upload.file_name},
               {"bytes", upload.bytes},
               {"expires_at", nullptr},
               {"begun_at", to_microseconds(upload.begun_at)}};
  if (upload.expires_at) json["expires_at"] = to_microseconds(*upload.expires_at);
  return json;
}

std::optional<Upload> read_note(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const Bytes text{std::istreambuf_iterator<char>(stream), {}};
  try {
    const Json json = Json::parse(text);
    Upload upload;
    upload.id = json.at("id").get<std::string>();
    upload.company = json.at("company").get<std::string>();
    upload.owner = json.at("owner").get<std::string>();
    upload.name = json.at("name").get<std::string>();
    upload.data_set = json.at("data_set").get<std::string>();
    upload.file_name = json.at("file_name").get<std::string>();
    upload.bytes = whole<std::uint64_t>(json, "bytes");
    upload.begun_at = from_microseconds(whole<std::int64_t>(json, "begun_at"));
    const Json& expires_at = json.at("expires_at");
    if (!expires_at.is_null())
      upload.expires_at = from_microseconds(whole<std::int64_t>(expires_at));
    if (file.stem() != upload.id) return std::nullopt;
    return upload;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // the process died while it wrote it: the upload has not begun
  }
}

}  // namespace

Uploads::Uploads(fs::path directory, Random& random, UploadLimits limits)
    : directory_(std::move(directory)), random_(random), limits_(limits) {}

Result<void> Uploads::open() {
  const std::lock_guard lock(mutex_);
  std::error_code failure;
  fs::create_directories(directory_, failure);
  if (failure) return disk::error_of("make", directory_.string(), failure.value());
  std::vector<fs::path> rest;
  for (const auto& entry : fs::directory_iterator(directory_, failure)) {
    const fs::path& file = entry.path();
    auto upload = file.extension() == note_suffix ? read_note(file) : std::nullopt;
    if (upload && fs::exists(this->file(*upload), failure)) {
      uploads_.emplace(upload->id, std::move(*upload));
    } else {
      rest.push_back(file);
    }
  }
  if (failure) return disk::error_of("read", directory_.string(), failure.value());
  for (const fs::path& file : rest) {
    if (file.extension() == part_suffix && uploads_.contains(file.stem().string())) continue;
    fs::remove(file, failure);
  }
  return {};
}

fs::path Uploads::file(const Upload& upload) const {
  return directory_ / (upload.id + std::string(part_suffix));
}

fs::path Uploads::note(const Upload& upload) const {
  return directory_ / (upload.id + std::string(note_suffix));
}

Result<void> Uploads::write_note(const Upload& upload) const {
  std::ofstream part(file(upload), std::ios::binary);
  std::ofstream stream(note(upload), std::ios::binary);
  stream << json_of(upload).dump(1, ' ', false, Json::error_handler_t::replace) << '\n';
  part.close();
  stream.close();
  if (part && stream) return {};
  std::error_code ignored;
  fs::remove(note(upload), ignored);
  fs::remove(file(upload), ignored);
  return disk::error_of("write", note(upload).string(), ENOSPC);
}

Result<Upload> Uploads::begin(Upload upload, Time now) {
  const std::lock_guard lock(mutex_);
  std::size_t begun = 0;
  for (const auto& [id, other] : uploads_) {
    begun += other.company == upload.company ? 1 : 0;
  }
  if (begun >= limits_.uploads_max) {
    return Error{Outcome::exhausted, fmt::format("The company has {} unfinished uploads, as many "
                                                 "as it may: finish or remove one.",
                                                 begun)};
  }
  upload.id = to_hex(random_.bytes(id_bytes));
  upload.begun_at = now;
  if (auto written = write_note(upload); !written) return written.error();
  uploads_.emplace(upload.id, upload);
  return upload;
}

Result<Upload> Uploads::find(std::string_view company, std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found == uploads_.end() || found->second.company != company)
    return Error{Outcome::not_found, "There is no such upload, or no longer: begin a new one."};
  return found->second;
}

Result<std::uint64_t> Uploads::offset(const Upload& upload) const {
  std::error_code failure;
  const auto bytes = fs::file_size(file(upload), failure);
  if (failure) return disk::error_of("read", file(upload).string(), failure.value());
  return std::uint64_t(bytes);
}

bool Uploads::claim(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  return claimed_.insert(upload.id).second;
}

void Uploads::release(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  claimed_.erase(upload.id);
}

void Uploads::remove(const Upload& upload) {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;  // what stays is removed at the next start
  fs::remove(note(upload), ignored);
  fs::remove(file(upload), ignored);
  uploads_.erase(upload.id);
  claimed_.erase(upload.id);
}

std::size_t Uploads::remove_old(Time now) {
  std::vector<Upload> old;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, upload] : uploads_) {
      const bool is_old = upload.begun_at + limits_.span_max <= now;
      if (is_old && !claimed_.contains(id)) old.push_back(upload);
    }
  }
  for (const Upload& upload : old) {
    remove(upload);
  }
  return old.size();
}

}  // namespace cauce::datasets
