// What an operation that the world can make fail answers: a value, or an Error whose outcome tells
// the caller what it may do. Member names are those of std::expected, which g++ 12 and clang's
// tools do not yet offer together.
//
//   Result<Segment> segment = open_segment(directory, base);
//   if (!segment) return segment.error().during("recover partition 0");
//   use(*segment);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/invariant.h"

namespace cauce {

// What the caller may do about a failure.
enum class Outcome {
  invalid,      // the request itself is wrong: change it
  not_found,    // what was named does not exist
  conflict,     // another writer came first: read again, then decide
  exhausted,    // a limit is reached: wait, try the same again later
  unavailable,  // something we depend on does not answer: try the same again later
  corrupt,      // stored bytes are not what was written: stop, do not overwrite
  unsupported,  // this version cannot do it
  denied,       // the caller may not do it
};

std::string_view name_of(Outcome outcome);

// One failure. `message` is one sentence for a tired operator: what, where, the value, the limit
// and the next step. It never holds a secret.
struct [[nodiscard]] Error {
  Outcome outcome;
  std::string message;

  // The same error with what we were doing put before it: "recover partition 0: cannot read …".
  Error during(std::string_view activity) const;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& value() & {
    INVARIANT(has_value());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    INVARIANT(has_value());
    return *std::get_if<0>(&state_);
  }
  T value() && {
    INVARIANT(has_value());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  // By value: `for (x : *list())` would otherwise walk a list that is gone.
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const Error& error() const {
    INVARIANT(!has_value());
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const Error& error() const {
    INVARIANT(error_.has_value());
    return *error_;
  }

 private:
  std::optional<Error> error_;
};

}  // namespace cauce
