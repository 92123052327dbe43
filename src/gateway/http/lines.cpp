#include "gateway/http/lines.h"

#include <fmt/core.h>

#include <limits>

#include "gateway/http/encoding.h"

namespace cauce::gateway::http {
namespace {

constexpr int too_large = 413;
constexpr std::size_t step_bytes = 64 << 10;

std::unique_ptr<packing::Unpacker> unpacker_of(packing::Packing packing) {
  if (packing == packing::Packing::none) return nullptr;
  packing::UnpackLimits limits;
  limits.bytes_max = std::numeric_limits<std::uint64_t>::max();
  limits.ratio_from_bytes = 4 << 20;
  limits.window_bits_max = zstd_window_bits_max;
  return packing::make_unpacker(packing, limits);
}

}  // namespace

Lines::Lines(packing::Packing packing, const LineLimits& limits)
    : limits_(limits),
      unpacker_(unpacker_of(packing)),
      step_text_(unpacker_ ? step_bytes : 0, '\0') {}

void Lines::put(BytesView piece) {
  drop_read();
  if (unpacker_) {
    packed_.erase(0, std::exchange(packed_at_, 0));
    packed_.append(piece);
    return;
  }
  text_.append(piece);
  text_bytes_ += piece.size();
  released_ = text_.size();
}

// What was given out is used no more.
void Lines::drop_read() {
  text_.erase(0, at_);
  searched_ -= at_;
  released_ -= at_;
  at_ = 0;
}

const std::vector<Lines::Line>& Lines::read(std::size_t lines_max, std::size_t bytes_max) {
  lines_.clear();
  busy_ = false;
  std::size_t unpacked = 0;
  while (!refusal_) {
    take_lines(lines_max, bytes_max);
    if (!lines_.empty()) {
      busy_ = true;
      break;
    }
    const std::uint64_t before = text_bytes_;
    if (unpacked >= limits_.unpacked_bytes_max) {
      busy_ = true;
      break;
    }
    if (refusal_ || !unpack()) break;
    unpacked += text_bytes_ - before;
  }
  return lines_;
}

void Lines::take_lines(std::size_t lines_max, std::size_t bytes_max) {
  std::size_t bytes = 0;
  while (lines_.size() < lines_max && bytes < bytes_max && at_ < released_) {
    const BytesView searched = BytesView(text_).substr(0, released_);
    std::size_t end = searched.find('\n', searched_);
    const bool has_end = end != BytesView::npos;
    // The last line needs no end, but the body has to be whole.
    const bool is_last = ended_ && released_ == text_.size() && packed_at_ == packed_.size() &&
                         (!unpacker_ || unpacker_->may_end());
    if (!has_end) {
      searched_ = released_;
      end = released_;
      // One byte more may be the carriage return before a line feed that has not come.
      const bool is_too_long = end - at_ > limits_.line.bytes_max + 1;
      if (!is_last && !is_too_long) return;
    }
    keep(BytesView(text_).substr(at_, end - at_));
    if (refusal_) return;
    bytes += end - at_;
    at_ = end + (has_end ? 1 : 0);
    searched_ = at_;
  }
}

void Lines::keep(BytesView line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > limits_.line.bytes_max) {
    refusal_ = Refusal{too_large,
                       fmt::format("Line {} has more than {} bytes, {}.", number_ + 1,
                                   limits_.line.bytes_max, limits_.line.name()),
                       true};
    return;
  }
  ++number_;
  if (line.find_first_not_of(" \t") == BytesView::npos) return;
  lines_.push_back({number_, line});
}

bool Lines::unpack() {
  if (!unpacker_) return false;
  const BytesView packed = BytesView(packed_).substr(packed_at_);
  if (packed.empty() && !wrote_all_) {
    if (ended_ && !unpacker_->may_end()) refusal_ = refuse_cut_off();
    return false;
  }
  const auto step = unpacker_->step(packed, step_text_.data(), step_text_.size());
  if (!step) {
    refusal_ = refuse_packed(step.error());
    return false;
  }
  drop_read();
  text_.append(step_text_, 0, step->written);
  packed_at_ += step->taken;
  text_bytes_ += step->written;
  const bool is_checked = unpacker_->may_end();
  wrote_all_ = step->written == step_text_.size() && !is_checked;
  if (is_checked || text_.size() - released_ >= limits_.unchecked_bytes_max)
    released_ = text_.size();
  return true;
}

std::size_t Lines::memory_bytes() const {
  return packed_.capacity() + step_text_.capacity() + text_.capacity() +
         lines_.capacity() * sizeof(Line) + (unpacker_ ? unpacker_->memory_bytes() : 0);
}

}  // namespace cauce::gateway::http
