#include "recent/lmdb/folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <system_error>

#include "disk/error.h"
#include "disk/posix.h"

namespace cauce::recent::lmdb {

Folder::Folder(std::filesystem::path directory, Access access, std::uint64_t month_bytes_max)
    : directory_(std::move(directory)), access_(access), month_bytes_max_(month_bytes_max) {}

Result<void> Folder::load() {
  const auto names = disk::posix_directory(directory_)->list();
  if (!names) return names.error();
  const std::lock_guard lock{mutex_};
  for (const std::string& name : *names) {
    if (const auto month = parse_month(name)) open_[*month] = nullptr;
    if (!name.starts_with('.')) continue;
    std::error_code failure;
    std::filesystem::remove_all(directory_ / name, failure);
    if (failure) return disk::error_of("sweep", directory_ / name, failure.value());
  }
  return {};
}

Result<std::vector<Month>> Folder::months_on_disk() const {
  std::vector<Month> months;
  const auto names = disk::posix_directory(directory_)->list();
  if (!names && names.error().outcome == Outcome::not_found) return months;
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (const auto month = parse_month(name)) months.push_back(*month);
  }
  return months;
}

Result<std::vector<Month>> Folder::list() {
  if (access_ == Access::read) {
    auto months = months_on_disk();
    if (!months) return months;
    // Lets go of the files of expired months: the disk has their space back only then.
    const std::lock_guard lock{mutex_};
    std::erase_if(open_, [&](const auto& entry) {
      return !std::binary_search(months->begin(), months->end(), entry.first);
    });
    return months;
  }
  const std::lock_guard lock{mutex_};
  std::vector<Month> months;
  for (const auto& [month, environment] : open_)
    months.push_back(month);
  return months;
}

bool Folder::is_current(Month month, const Environment& environment) const {
  struct stat status{};
  const auto file = directory_ / name_of(month) / "data.mdb";
  return ::stat(file.c_str(), &status) == 0 && status.st_ino == environment.file();
}

Result<std::shared_ptr<Environment>> Folder::environment_of(Month month) {
  const std::lock_guard lock{mutex_};
  const auto known = open_.find(month);
  if (access_ == Access::write && known == open_.end()) return std::shared_ptr<Environment>{};
  if (known != open_.end() && known->second != nullptr) {
    if (access_ == Access::write || is_current(month, *known->second)) return known->second;
    open_.erase(known);
  }
  auto opened = Environment::open(directory_ / name_of(month), access_, month_bytes_max_);
  if (opened && *opened != nullptr) open_[month] = *opened;
  return opened;
}

void Folder::forget(Month month) {
  const std::lock_guard lock{mutex_};
  open_.erase(month);
}

Result<std::unique_ptr<Snapshot>> Folder::open(Month month) {
  auto environment = environment_of(month);
  if (!environment) return environment.error();
  if (*environment == nullptr) return std::unique_ptr<Snapshot>{};
  auto snapshot = Environment::read(std::move(*environment));
  if (snapshot || snapshot.error().outcome != Outcome::conflict) return snapshot;
  forget(month);
  environment = environment_of(month);
  if (!environment) return environment.error();
  if (*environment == nullptr) return std::unique_ptr<Snapshot>{};
  return Environment::read(std::move(*environment));
}

Result<void> Folder::copy_to(const std::filesystem::path& target) {
  const auto months = months_on_disk();
  if (!months) return months.error();
  for (const Month month : *months) {
    auto environment = environment_of(month);
    if (!environment) return environment.error();
    if (*environment == nullptr) continue;
    const auto folder = target / name_of(month);
    if (auto made = disk::posix_directory(folder)->make(); !made) return made;
    if (auto copied = (*environment)->copy_to(folder); !copied) return copied;
    forget(month);
  }
  return {};
}

Result<void> Folder::commit(Month month, const Writes& writes) {
  auto environment = environment_of(month);
  if (!environment) return environment.error();
  if (*environment == nullptr) {
    const auto path = directory_ / name_of(month);
    if (auto created = Environment::create(path, month_bytes_max_); !created) return created;
    {
      const std::lock_guard lock{mutex_};
      open_[month] = nullptr;
    }
    environment = environment_of(month);
    if (!environment) return environment.error();
  }
  return (*environment)->commit(writes);
}

Result<void> Folder::remove(Month month) {
  forget(month);
  const std::string name = name_of(month);
  const std::string removed = "." + name + ".expired";
  const auto directory = disk::posix_directory(directory_);
  // Renamed first: nobody ever finds half a month.
  if (auto renamed = directory->rename(name, removed); !renamed) return renamed;
  if (auto synced = directory->sync(); !synced) return synced;
  std::error_code failure;
  std::filesystem::remove_all(directory_ / removed, failure);
  if (failure) return disk::error_of("remove", directory_ / removed, failure.value());
  return {};
}

void Folder::release_dead_readers() {
  const std::lock_guard lock{mutex_};
  for (const auto& [month, environment] : open_) {
    if (environment != nullptr) environment->release_dead_readers();
  }
}

}  // namespace cauce::recent::lmdb
