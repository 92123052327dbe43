#include "disk/error.h"

#include <fmt/core.h>

#include <cerrno>
#include <system_error>

namespace cauce::disk {
namespace {

Outcome outcome_of(int number) {
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM: return Outcome::exhausted;
    case ENOENT:
    case ENOTDIR: return Outcome::not_found;
    case EEXIST: return Outcome::conflict;
    case EACCES:
    case EPERM:
    case EROFS: return Outcome::denied;
    default: return Outcome::unavailable;
  }
}

}  // namespace

Error error_of(std::string_view activity, const std::string& path, int number) {
  return Error{outcome_of(number), fmt::format("cannot {} {}: {}", activity, path,
                                               std::generic_category().message(number))};
}

}  // namespace cauce::disk
