#include "base/result.h"

namespace cauce {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::invalid: return "invalid";
    case Outcome::not_found: return "not_found";
    case Outcome::conflict: return "conflict";
    case Outcome::exhausted: return "exhausted";
    case Outcome::unavailable: return "unavailable";
    case Outcome::corrupt: return "corrupt";
    case Outcome::unsupported: return "unsupported";
    case Outcome::denied: return "denied";
  }
  return "unknown";
}

Error Error::during(std::string_view activity) const {
  return Error{outcome, std::string(activity) + ": " + message};
}

}  // namespace cauce
