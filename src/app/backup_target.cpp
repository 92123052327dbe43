#include "app/backup_target.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/backup_files.h"
#include "base/json_number.h"
#include "crypto/crypto.h"
#include "disk/error.h"
#include "disk/lock.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view stores_prefix = "stores-";
constexpr std::string_view list_suffix = ".sha256";
constexpr const char* lock_name = "cauce-backup.lock";
constexpr std::string_view objects_folder = "objects/";
constexpr std::size_t note_bytes_max = 1 << 20;

// The number in "stores-7" and "stores-7.sha256".
std::optional<std::uint64_t> number_of(std::string_view name) {
  if (!name.starts_with(stores_prefix)) return std::nullopt;
  name.remove_prefix(stores_prefix.size());
  if (name.ends_with(list_suffix)) name.remove_suffix(list_suffix.size());
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, failure] = std::from_chars(name.data(), end, number);
  if (name.empty() || failure != std::errc{} || rest != end) return std::nullopt;
  return number;
}

bool is_ours(std::string_view name) {
  return name == backup_file || name == std::string(backup_file) + ".unfinished" ||
         name == lock_name || name == "objects" || name == "lost+found" || number_of(name);
}

json to_json(const BackupNote& note) {
  json topics = json::object();
  for (const auto& [name, topic] : note.topics)
    topics[name] = {{"first", topic.first}, {"end", topic.end}};
  return {{"version", backup_version},
          {"program", note.program},
          {"began_at", format_time(note.began_at)},
          {"finished_at", format_time(note.finished_at)},
          {"stores", note.stores},
          {"list_sha256", to_hex(note.list_sha256)},
          {"files", note.files},
          {"bytes", note.bytes},
          {"key", note.with_key},
          {"topics", std::move(topics)}};
}

Error damaged(const fs::path& file, std::string_view why) {
  return {Outcome::corrupt,
          fmt::format("{} is damaged ({}); this backup cannot be restored", file.string(), why)};
}

Result<BackupNote> from_json(const json& parsed, const fs::path& file) {
  if (whole<int>(parsed, "version") != backup_version) {
    return Error{
        Outcome::unsupported,
        fmt::format("{} has version {}, this program reads {}; use the cauce that wrote it",
                    file.string(), parsed.at("version").dump(), backup_version)};
  }
  BackupNote note;
  note.program = parsed.at("program").get<std::string>();
  const auto began_at = parse_time(parsed.at("began_at").get<std::string>());
  const auto finished_at = parse_time(parsed.at("finished_at").get<std::string>());
  if (!began_at || !finished_at) return damaged(file, "a time that is none");
  note.began_at = *began_at;
  note.finished_at = *finished_at;
  note.stores = parsed.at("stores").get<std::string>();
  if (!number_of(note.stores) || note.stores.ends_with(list_suffix) ||
      !from_hex(parsed.at("list_sha256").get<std::string>(), note.list_sha256)) {
    return damaged(file, "no folder of stores");
  }
  note.files = whole<std::uint64_t>(parsed, "files");
  note.bytes = whole<std::uint64_t>(parsed, "bytes");
  note.with_key = parsed.at("key").get<bool>();
  for (const auto& [name, topic] : parsed.at("topics").items()) {
    note.topics[name] = {whole<std::uint64_t>(topic, "first"), whole<std::uint64_t>(topic, "end")};
  }
  return note;
}

}  // namespace

Result<BackupNote> read_note(const fs::path& directory) {
  const fs::path file = directory / backup_file;
  std::error_code failure;
  if (!fs::exists(file, failure)) {
    return Error{Outcome::not_found, fmt::format("{} holds no backup (there is no {})",
                                                 directory.string(), backup_file)};
  }
  if (fs::file_size(file, failure) > note_bytes_max) return damaged(file, "it is too long");
  std::ifstream stream{file};
  std::stringstream content;
  content << stream.rdbuf();
  if (!stream) return damaged(file, "it cannot be read");
  try {
    json parsed = json::parse(content.str());
    const std::string sha256 = parsed.at("sha256").get<std::string>();
    parsed.erase("sha256");
    if (to_hex(crypto::sha256(parsed.dump())) != sha256) {
      return damaged(file, "its checksum differs");
    }
    return from_json(parsed, file);
  } catch (const json::exception& exception) {
    return damaged(file, exception.what());
  }
}

Result<std::unique_ptr<BackupTarget>> BackupTarget::open(const fs::path& directory) {
  std::unique_ptr<BackupTarget> target{new BackupTarget{directory}};
  if (auto looked = target->look_around(); !looked) return looked.error();
  return target;
}

Result<void> BackupTarget::look_around() {
  if (auto made = make_private_directory(directory_); !made) return made;
  std::error_code failure;
  std::uint64_t number = 0;
  fs::directory_iterator entry(directory_, failure);
  for (; !failure && entry != fs::directory_iterator{}; entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (!is_ours(name)) {
      return Error{Outcome::invalid,
                   fmt::format("{} holds {}, which is no part of a backup; name an empty directory",
                               directory_.string(), name)};
    }
    number = std::max(number, number_of(name).value_or(0));
  }
  if (failure) return disk::error_of("list", directory_.string(), failure.value());
  auto lock = disk::lock_file(directory_ / lock_name, "cauce backup", Duration{0});
  if (!lock) return lock.error();
  lock_ = std::move(*lock);

  auto note = read_note(directory_);
  if (!note && note.error().outcome != Outcome::not_found) {
    return note.error().during("remove " + directory_.string() + " or name another directory");
  }
  if (note) {
    before_ = std::move(*note);
    const auto read = read_sums(directory_ / (before_->stores + std::string(list_suffix)),
                                [this](const Sum& sum) -> Result<void> {
                                  before_sums_[sum.path] = sum.sha256;
                                  return {};
                                });
    if (!read) {
      return read.error().during("remove " + directory_.string() + " or name another directory");
    }
  }
  sweep(before_sums_, before_ ? before_->stores : "");
  name_ = fmt::format("{}{}", stores_prefix, number + 1);
  return make_private_directory(stores());
}

BackupTarget::~BackupTarget() {
  if (lock_ != nullptr && !finished_) sweep(before_sums_, before_ ? before_->stores : "");
}

void BackupTarget::sweep(const Sums& kept, const std::string& stores) {
  std::error_code ignored;  // what stays is swept by the next backup
  for (const auto& entry : fs::directory_iterator(directory_, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool is_other =
        number_of(name) && name != stores && name != stores + std::string(list_suffix);
    if (is_other) fs::remove_all(entry.path(), ignored);
  }
  const auto objects = files_below(directory_ / objects_folder);
  if (!objects) return;
  for (const std::string& object : *objects) {
    const std::string path = std::string(objects_folder) + object;
    if (!kept.contains(path)) fs::remove(directory_ / path, ignored);
  }
}

Result<Bytes> BackupTarget::copy_object(const std::string& path, const fs::path& source) {
  const fs::path target = directory_ / path;
  if (auto made = make_private_directory(target.parent_path()); !made) return made.error();
  auto sha256 = copy_hashed(source, target);
  if (!sha256) return sha256.error();
  const auto known = before_sums_.find(path);
  if (known != before_sums_.end() && known->second != *sha256) {
    return Error{Outcome::invalid,
                 fmt::format("{} holds the backup of another installation, whose {} differs; name "
                             "another directory",
                             directory_.string(), path)};
  }
  sums_[path] = *sha256;
  ++objects_copied_;
  return sha256;
}

Result<Bytes> BackupTarget::add_object(const std::string& key, const fs::path& source) {
  const std::string path = std::string(objects_folder) + key;
  std::error_code failure;
  const std::uintmax_t bytes = fs::file_size(source, failure);
  if (failure) return disk::error_of("read", source.string(), failure.value());
  bytes_ += bytes;
  const auto known = before_sums_.find(path);
  std::error_code absent;
  if (known != before_sums_.end() && fs::file_size(directory_ / path, absent) == bytes) {
    sums_[path] = known->second;
    return known->second;
  }
  return copy_object(path, source);
}

Result<void> BackupTarget::add_entry(const std::string& key, const fs::path& source) {
  const std::string path = std::string(objects_folder) + key;
  const auto known = before_sums_.find(path);
  if (known != before_sums_.end()) {
    const auto sha256 = hash_file(source);
    if (!sha256) return sha256.error();
    if (*sha256 != known->second) {
      return Error{Outcome::invalid,
                   fmt::format("{} holds the backup of another installation, whose {} differs; "
                               "name another directory",
                               directory_.string(), key)};
    }
  }
  if (auto added = add_object(key, source); !added) return added.error();
  return {};
}

Result<void> BackupTarget::add_changing(const std::string& key, BytesView content) {
  const fs::path target = stores() / objects_folder / key;
  if (auto made = make_private_directory(target.parent_path()); !made) return made;
  return write_file(target, content);
}

Result<void> BackupTarget::add_stores() {
  const auto files = files_below(stores());
  if (!files) return files.error();
  for (const std::string& file : *files) {
    const auto sha256 = hash_file(stores() / file);
    if (!sha256) return sha256.error();
    std::error_code failure;
    bytes_ += fs::file_size(stores() / file, failure);
    if (failure) return disk::error_of("read", (stores() / file).string(), failure.value());
    sums_[name_ + "/" + file] = *sha256;
  }
  return {};
}

Result<BackupNote> BackupTarget::finish(BackupNote note) {
  if (auto added = add_stores(); !added) return added.error();
  std::vector<std::string> paths;
  paths.reserve(sums_.size());
  for (const auto& [path, sha256] : sums_)
    paths.push_back(path);
  std::sort(paths.begin(), paths.end());
  std::string list;
  for (const std::string& path : paths)
    list += line_of({path, sums_[path]});
  const fs::path list_file = directory_ / (name_ + std::string(list_suffix));
  if (auto written = replace_file(list_file, list); !written) return written.error();
  // Everything that the note speaks of is durable before the note is there.
  if (auto synced = sync_file_system(directory_); !synced) return synced.error();

  note.stores = name_;
  note.list_sha256 = crypto::sha256(list);
  note.files = paths.size();
  note.bytes = bytes_;
  json content = to_json(note);
  content["sha256"] = to_hex(crypto::sha256(content.dump()));
  if (auto written = replace_file(directory_ / backup_file, content.dump(2) + "\n"); !written) {
    return written.error();
  }
  finished_ = true;
  sweep(sums_, name_);
  return note;
}

}  // namespace cauce::app
