// What api shows of the dead letters: lists, one of them whole, counts by cause.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "decode/dead_letter.h"

namespace cauce::decode {

// A dead letter without its payload, which may be long.
struct DeadLetterSummary {
  DeadLetter letter;                // message.payload is empty …
  std::uint64_t payload_bytes = 0;  // … and was so long
};

struct DeadLetterCount {
  std::string device;
  std::string stage;
  std::string reason;
  std::uint64_t rows = 0;
  Time newest_received_at;
};

// What retention took from a company, by cause: "age", "rows" or "bytes".
struct DeadLettersDeleted {
  std::string cause;
  std::uint64_t rows = 0;
  std::uint64_t payload_bytes = 0;
  Time newest_received_at;
};

// The reading side, for any process; works before the store was ever written: it is then empty.
// Every question names the company, and only its letters are answered. One thread.
class DeadLetterReader {
 public:
  // One more than a page of the API, which asks for it to see whether another page follows.
  static constexpr std::size_t limit_max = 1001;

  explicit DeadLetterReader(const std::filesystem::path& directory);
  ~DeadLetterReader();

  // Newest first, those before `after` only, at most `limit` and at most limit_max. Empty `device`
  // means all of the company.
  Result<std::vector<DeadLetterSummary>> list(std::string_view company, std::string_view device,
                                              std::optional<DeadLetterPlace> after,
                                              std::size_t limit);

  // Whole. `not_found` also when it belongs to another company.
  Result<DeadLetter> get(std::string_view company, std::uint32_t partition, std::uint64_t position);

  // By device, stage and reason, the largest count first; at most `limit` and at most limit_max.
  // Empty `device` means all of the company.
  Result<std::vector<DeadLetterCount>> count(std::string_view company, std::size_t limit,
                                             std::string_view device = {});

  Result<std::vector<DeadLettersDeleted>> deleted(std::string_view company);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cauce::decode
