#include "decode/quote.h"

#include <doctest/doctest.h>

namespace cauce::decode {

TEST_CASE("printable text is quoted as it is") {
  CHECK(quote("") == "\"\"");
  CHECK(quote("cámara 7 ❄") == "\"cámara 7 ❄\"");
}

TEST_CASE("what is no printable UTF-8 becomes a question mark") {
  CHECK(quote("a\nb\x7F\x1B[2J") == "\"a?b??[2J\"");
  CHECK(quote("\xFF\xC0\x80") == "\"???\"");
  CHECK(quote("\xED\xA0\x80") == "\"???\"");       // a surrogate
  CHECK(quote("\xF4\x90\x80\x80") == "\"????\"");  // beyond U+10FFFF
  CHECK(quote("\xC2\x85") == "\"?\"");             // NEXT LINE, a control character
  CHECK(quote("\xE2\x82") == "\"??\"");            // a character without its end
  CHECK(quote(std::string_view("a\0b", 3)) == "\"a?b\"");
}

TEST_CASE("long text is cut between characters") {
  const std::string longest(quoted_bytes_max, 'a');
  CHECK(quote(longest) == "\"" + longest + "\"");
  CHECK(quote(longest + "a") == "\"" + longest + "…\"");
  const std::string odd(quoted_bytes_max - 1, 'a');
  CHECK(quote(odd + "ñ") == "\"" + odd + "…\"");
}

}  // namespace cauce::decode
