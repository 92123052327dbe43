// Sentences that are composed in English, said in another language by their patterns.
//
// A pattern holds gaps: "{} has more than {} different values". What stands for a gap in English
// stands in the same order in the other language; a phrase may have fewer gaps there, and then
// leaves out the last ones. A gap may have a name, "{kind}", for those who fill it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cauce {

struct Phrase {
  std::string_view english, other;
};

// What stands in the gap `name` ("" or "kind"), in the other language. Nothing: it cannot stand
// there, so it is another phrase.
using FillGap =
    std::function<std::optional<std::string>(std::string_view name, std::string_view english)>;

// Of the phrases that fit the first counts: one stands before those that would take a part of it
// for a name. Nothing: none fits. Any thread.
std::optional<std::string> said_by(std::span<const Phrase> phrases, std::string_view english,
                                   const FillGap& fill);

}  // namespace cauce
