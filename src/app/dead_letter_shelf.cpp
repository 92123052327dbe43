#include "app/api_sources.h"
#include "decode/dead_letter_reader.h"

namespace cauce::app {
namespace {

api::DeadLetter shown(const decode::DeadLetter& letter) {
  api::DeadLetter result;
  result.at = {letter.origin.partition, letter.origin.position};
  result.company = letter.message.company;
  result.device = letter.message.device;
  result.topic = letter.message.topic;
  result.content_type = letter.message.content_type;
  result.received_at = letter.message.received_at;
  result.stage = letter.stage;
  result.reason = letter.reason;
  result.payload = letter.message.payload;
  result.payload_bytes = letter.message.payload.size();
  return result;
}

class DeadLetterShelf final : public api::DeadLetterShelf {
 public:
  explicit DeadLetterShelf(const Machine& machine) : reader_(machine.engines.data()) {}

  Result<std::vector<api::DeadLetter>> list(const api::DeadLetterQuery& query) override {
    std::optional<decode::DeadLetterPlace> after;
    if (query.after) {
      const Result<decode::DeadLetter> last =
          reader_.get(query.company, query.after->partition, query.after->position);
      if (!last) return last.error().during("the page before this one is gone; begin again");
      after = decode::place_of(*last);
    }
    const auto found = reader_.list(query.company, query.device, after, query.letters_max);
    if (!found) return found.error();
    std::vector<api::DeadLetter> result;
    for (const decode::DeadLetterSummary& summary : *found) {
      result.push_back(shown(summary.letter));
      result.back().payload_bytes = summary.payload_bytes;
    }
    return result;
  }

  Result<std::optional<api::DeadLetter>> find(std::string_view company,
                                              api::RawPosition at) override {
    const Result<decode::DeadLetter> letter = reader_.get(company, at.partition, at.position);
    if (letter) return std::optional{shown(*letter)};
    if (letter.error().outcome == Outcome::not_found) return std::optional<api::DeadLetter>{};
    return letter.error();
  }

  Result<std::vector<api::DeadLetterCount>> counts(std::string_view company,
                                                   std::string_view device,
                                                   std::size_t counts_max) override {
    const auto found = reader_.count(company, counts_max, device);
    if (!found) return found.error();
    std::vector<api::DeadLetterCount> result;
    for (const decode::DeadLetterCount& count : *found) {
      result.push_back(
          {count.device, count.stage, count.reason, count.rows, count.newest_received_at});
    }
    return result;
  }

 private:
  decode::DeadLetterReader reader_;
};

}  // namespace

std::unique_ptr<api::DeadLetterShelf> make_dead_letter_shelf(const Machine& machine) {
  return std::make_unique<DeadLetterShelf>(machine);
}

}  // namespace cauce::app
