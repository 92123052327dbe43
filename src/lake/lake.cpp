#include "lake/lake.h"

#include <fmt/core.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "warehouse/columns.h"

namespace cauce::lake {
namespace {

using CompanyDay = std::pair<std::string, std::string>;

class LakeSink final : public delivery::Sink {
 public:
  LakeSink(objects::Objects& objects, Decryptor& decryptor, const Clock& clock, Options options)
      : decryptor_(decryptor),
        partition_(options.partition),
        files_(objects, warehouse::lake_prefix, warehouse::lake_columns(), clock,
               std::move(options.files)) {}

  Result<void> open() { return files_.open(); }

  Result<stream::Position> resume_at() override { return files_.cursor(partition_); }

  Result<void> deliver(const stream::Batch& batch) override {
    INVARIANT(batch.is_lost() || batch.records.size() == batch.to.number - batch.from.number);
    auto begun = files_.begin({batch.partition, batch.from, batch.to});
    if (!begun) return begun;
    // Only indexes: payloads are decoded again when their group is written, so that a batch is
    // never held twice.
    std::map<CompanyDay, std::vector<std::size_t>> groups;
    for (std::size_t index = 0; index < batch.records.size(); ++index) {
      auto raw = raw_at(batch, index);
      if (!raw) return raw.error();
      if (!raw->is_message()) continue;
      groups[{raw->message.company, day_of(raw->message.received_at)}].push_back(index);
    }
    for (const auto& [company_day, indexes] : groups) {
      auto written =
          files_.write(company_day.first, company_day.second, indexes.size(),
                       [&](table::Appender& row, std::size_t number) -> Result<std::size_t> {
                         auto raw = raw_at(batch, indexes[number]);
                         if (!raw) return raw.error();
                         return append_message(row, batch, indexes[number], raw->message);
                       });
      if (!written) return written;
    }
    return files_.commit();
  }

 private:
  static Result<record::RawRecord> raw_at(const stream::Batch& batch, std::size_t index) {
    auto raw = record::decode_raw(batch.records[index]);
    if (raw) return raw;
    // The stream's checksum was right, so this is not a damaged disk but a foreign writer.
    return Error{
        Outcome::corrupt,
        fmt::format("the record at {} of partition {} of raw is no message: {}",
                    batch.from.number + index, batch.partition.number, raw.error().message)};
  }

  std::size_t append_message(table::Appender& row, const stream::Batch& batch, std::size_t index,
                             const record::Message& message) {
    const std::optional<Bytes> plaintext = decryptor_.decrypt(message);
    row.integer(batch.partition.number);
    row.integer(static_cast<std::int64_t>(batch.from.number + index));
    row.text(message.company);
    row.text(message.device);
    row.text(message.topic);
    row.time(message.received_at);
    row.text(message.content_type);
    row.blob(message.payload);
    plaintext ? row.blob(*plaintext) : row.null();
    row.end_row();
    constexpr std::size_t fixed_bytes = 32;
    return fixed_bytes + message.company.size() + message.device.size() + message.topic.size() +
           message.content_type.size() + message.payload.size() +
           (plaintext ? plaintext->size() : 0);
  }

  Decryptor& decryptor_;
  const stream::Partition partition_;
  warehouse::DayFiles files_;
};

}  // namespace

Result<std::unique_ptr<delivery::Sink>> open_lake(objects::Objects& objects, Decryptor& decryptor,
                                                  const Clock& clock, Options options) {
  auto lake = std::make_unique<LakeSink>(objects, decryptor, clock, std::move(options));
  auto opened = lake->open();
  if (!opened) return opened.error();
  return std::unique_ptr<delivery::Sink>(std::move(lake));
}

}  // namespace cauce::lake
