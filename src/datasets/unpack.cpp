#include "datasets/unpack.h"

#include <fmt/core.h>

#include <vector>

namespace cauce::datasets {

namespace {

constexpr std::size_t piece_bytes = 64u << 10;

class UnpackedSource final : public ByteSource {
 public:
  UnpackedSource(std::unique_ptr<ByteSource> source, std::unique_ptr<packing::Unpacker> unpacker)
      : source_(std::move(source)), unpacker_(std::move(unpacker)), piece_(piece_bytes) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    for (;;) {
      if (const auto filled = fill(); !filled) return filled.error();
      const bool no_more = ended_ && taken_ == filled_;
      if (no_more && unpacker_->may_end()) return std::size_t{0};
      const auto step =
          unpacker_->step({piece_.data() + taken_, filled_ - taken_}, target, bytes_max);
      if (!step) {
        return Error{Outcome::invalid, "the compressed file " + step.error().message};
      }
      taken_ += step->taken;
      if (step->written > 0) return step->written;
      if (no_more) {
        return Error{Outcome::invalid, "the compressed file is cut off: its end is missing"};
      }
    }
  }

 private:
  // Sees to it that there are packed bytes, unless there are no more.
  Result<void> fill() {
    if (taken_ < filled_ || ended_) return {};
    const Result<std::size_t> bytes = source_->read(piece_.data(), piece_.size());
    if (!bytes) return bytes.error();
    filled_ = *bytes;
    taken_ = 0;
    ended_ = *bytes == 0;
    return {};
  }

  const std::unique_ptr<ByteSource> source_;
  const std::unique_ptr<packing::Unpacker> unpacker_;
  std::vector<char> piece_;
  std::size_t taken_ = 0;  // Invariant: taken_ <= filled_
  std::size_t filled_ = 0;
  bool ended_ = false;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source,
                                             packing::Packing packing,
                                             const packing::UnpackLimits& limits) {
  if (packing == packing::Packing::none) return source;
  return std::unique_ptr<ByteSource>(
      std::make_unique<UnpackedSource>(std::move(source), packing::make_unpacker(packing, limits)));
}

}  // namespace cauce::datasets
