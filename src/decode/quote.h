// Foreign text inside a sentence for people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cauce::decode {

constexpr std::size_t quoted_bytes_max = 64;

// `text` between double quotes: at most quoted_bytes_max bytes of it, cut between characters and
// then marked with "…"; what is not printable UTF-8 is shown as '?'. Any bytes may come in, valid
// UTF-8 goes out.
std::string quote(std::string_view text);

}  // namespace cauce::decode
