// Foreign text made safe to draw: whatever bytes a title or a category holds, what comes out is
// valid UTF-8 on one line that an XML document may hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cauce::charts::drawing {

// Bytes that are not UTF-8 become U+FFFD; control characters, line breaks and runs of white space
// one space; marks that turn the direction of what follows are left out, so that a name cannot
// turn its neighbours; beyond four marks on one letter too. Cut at a whole character to at most
// `bytes_max`.
std::string clean_text(std::string_view text, std::size_t bytes_max = 40'000);

// The same text with U+FFFD for bytes that are not UTF-8 and for characters that no XML document
// may hold.
std::string valid_text(std::string_view text);

// The longest beginning of at most `characters` characters that ends at a whole one; of valid
// UTF-8.
std::string_view beginning(std::string_view text, std::size_t characters);

std::size_t count_characters(std::string_view text);

// A column's name as words: "Miles_per_Gallon" -> "Miles per gallon", "Body Mass (g)" -> "Body
// mass (g)"; abbreviations and what stands in brackets stay as they are.
std::string words_of_column(std::string_view name);

// The same in the middle of a sentence: "miles per gallon".
std::string words_within(std::string_view name);

}  // namespace cauce::charts::drawing
