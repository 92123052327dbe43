#include <algorithm>

#include "ledger/account.h"

// The bytes are described in docs/formats/ledger.md.
namespace cauce::ledger {
namespace {

constexpr std::uint8_t account_version = 1;

void put_optional(Bytes& target, std::optional<std::int64_t> value) {
  put_u8(target, value ? 1 : 0);
  put_i64(target, value.value_or(0));
}

std::optional<std::int64_t> take_optional(ByteReader& source) {
  const bool is_there = source.u8() == 1;
  const std::int64_t value = source.i64();
  return is_there ? std::optional{value} : std::nullopt;
}

std::optional<std::int64_t> microseconds(std::optional<Duration> span) {
  if (!span) return std::nullopt;
  return span->count();
}

std::optional<Duration> span_of(std::optional<std::int64_t> microseconds) {
  if (!microseconds) return std::nullopt;
  return Duration{*microseconds};
}

}  // namespace

void put(Bytes& target, const Tally& tally) {
  for (const std::uint64_t count :
       {tally.messages, tally.payload_bytes, tally.readings, tally.dead_letters, tally.duplicates,
        tally.missing, tally.late, tally.repeated, tally.restarts})
    put_u64(target, count);
  put_i64(target, tally.silence_longest.count());
  put_i64(target, to_microseconds(tally.silence_until));
  put_optional(target, microseconds(tally.behind_most));
  put_optional(target, microseconds(tally.ahead_most));
}

Tally take_tally(ByteReader& source) {
  Tally tally;
  for (std::uint64_t* count :
       {&tally.messages, &tally.payload_bytes, &tally.readings, &tally.dead_letters,
        &tally.duplicates, &tally.missing, &tally.late, &tally.repeated, &tally.restarts})
    *count = source.u64();
  tally.silence_longest = Duration{source.i64()};
  tally.silence_until = from_microseconds(source.i64());
  tally.behind_most = span_of(take_optional(source));
  tally.ahead_most = span_of(take_optional(source));
  return tally;
}

Bytes Account::encode() const {
  Bytes bytes;
  bytes.reserve(1024);
  put_u8(bytes, account_version);
  put(bytes, total_);
  for (const Bucket* bucket : {&hour_, &day_}) {
    put_i64(bytes, to_microseconds(bucket->start));
    put(bytes, bucket->tally);
  }
  put_i64(bytes, to_microseconds(first_seen_));
  put_i64(bytes, to_microseconds(last_seen_));
  put_optional(bytes,
               newest_reading_ ? std::optional{to_microseconds(*newest_reading_)} : std::nullopt);
  intervals_.put(bytes);
  skews_.put(bytes);
  put_optional(bytes, microseconds(last_skew_));
  put_u8(bytes, marks_count_);
  put_u8(bytes, marks_next_);
  for (std::size_t index = 0; index < marks_count_; ++index)
    put_u64(bytes, marks_.at(index));
  put_u32(bytes, sequence_mark_);
  counter_.put(bytes);
  put_u64(bytes, without_number_);
  put_u64(bytes, unusable_numbers_);
  return bytes;
}

Result<Account> Account::decode(BytesView bytes) {
  const Error damaged{Outcome::corrupt, "the account of a device in ledger.db is damaged"};
  ByteReader source{bytes};
  if (const std::uint8_t version = source.u8(); version != account_version) return damaged;
  Account account;
  account.total_ = take_tally(source);
  for (Bucket* bucket : {&account.hour_, &account.day_}) {
    bucket->start = from_microseconds(source.i64());
    bucket->tally = take_tally(source);
  }
  account.first_seen_ = from_microseconds(source.i64());
  account.last_seen_ = from_microseconds(source.i64());
  if (const auto newest = take_optional(source))
    account.newest_reading_ = from_microseconds(*newest);
  if (!account.intervals_.take(source) || !account.skews_.take(source)) return damaged;
  account.last_skew_ = span_of(take_optional(source));
  account.marks_count_ = source.u8();
  account.marks_next_ = source.u8();
  if (account.marks_count_ > marks_max || account.marks_next_ >= marks_max) return damaged;
  for (std::size_t index = 0; index < account.marks_count_; ++index)
    account.marks_.at(index) = source.u64();
  account.sequence_mark_ = source.u32();
  if (!account.counter_.take(source)) return damaged;
  account.without_number_ = source.u64();
  account.unusable_numbers_ = source.u64();
  if (!source.complete()) return damaged;
  return account;
}

}  // namespace cauce::ledger
