// Finds where the values of a JSON text begin and end (RFC 8259), without building them: a payload
// inside a batch is kept as the bytes that were sent. Strict: what does not follow the grammar is
// refused wherever it stands, so that a value that was passed over is a value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::gateway::http {

class JsonScan {
 public:
  // Objects and arrays inside one another; a deeper text is refused.
  static constexpr int depth_max = 64;

  // `text` has to be UTF-8, which the caller has checked.
  explicit JsonScan(std::string_view text) : text_(text) {}

  // Takes white space and then `expected`; false, taking only the space, when something else
  // follows.
  bool take(char expected);
  // Takes one whole value and answers its bytes, white space around it left out.
  Result<std::string_view> value();
  // As value(), of a string; the answer lacks the quotes and still has its escapes.
  Result<std::string_view> string();
  // Nothing but white space is left.
  bool at_end();

  // `invalid`: the text is not JSON near this place.
  Error malformed(std::string_view why) const;

 private:
  Result<void> skip_value(int depth);
  Result<void> skip_members(char close, int depth);
  Result<void> skip_string();
  Result<void> skip_number();
  bool skip_escape();
  std::size_t skip_digits();
  void skip_space();
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

// A string of a JSON text whose escapes are undone, if it is printable ASCII; `invalid` otherwise.
Result<std::string> printable_ascii(std::string_view escaped);

}  // namespace cauce::gateway::http
