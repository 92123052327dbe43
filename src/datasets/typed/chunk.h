// The cells of one column in one block, as bytes: docs/formats/columns.md. What is decoded is bit
// by bit what was encoded; a missing number is NaN, a missing text has no data().
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cauce::datasets::typed {

using Texts = std::vector<std::string_view>;

// Numbers that are whole multiples of one step take 1, 2 or 4 bytes, others 8.
void encode_numbers(const std::vector<double>& numbers, Bytes& target);
// False when the bytes are not `rows` numbers.
bool decode_numbers(BytesView bytes, std::size_t rows, std::vector<double>& numbers);

// Places in a dictionary, counted from 1; 0: missing.
void encode_codes(const std::vector<std::uint32_t>& codes, Bytes& target);
// Texts themselves. At most 4 GiB together.
void encode_texts(const Texts& texts, Bytes& target);
// Of either. The texts lie in `dictionary` or in `bytes`. False when the bytes are not `rows`
// texts.
bool decode_texts(BytesView bytes, std::size_t rows, const Texts& dictionary, Texts& texts);

// A dictionary: all texts are there. The texts lie in `bytes`.
void encode_dictionary(const Texts& entries, Bytes& target);
bool decode_dictionary(BytesView bytes, Texts& entries);

}  // namespace cauce::datasets::typed
