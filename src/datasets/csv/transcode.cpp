#include "datasets/csv/transcode.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace cauce::datasets::csv {

namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::size_t piece_bytes = 64u << 10;

void append_utf8(std::string& target, std::uint32_t code) {
  if (code < 0x80) {
    target += char(code);
  } else if (code < 0x800) {
    target += char(0xC0 | code >> 6);
    target += char(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    target += char(0xE0 | code >> 12);
    target += char(0x80 | (code >> 6 & 0x3F));
    target += char(0x80 | (code & 0x3F));
  } else {
    target += char(0xF0 | code >> 18);
    target += char(0x80 | (code >> 12 & 0x3F));
    target += char(0x80 | (code >> 6 & 0x3F));
    target += char(0x80 | (code & 0x3F));
  }
}

class Utf8Source final : public ByteSource {
 public:
  explicit Utf8Source(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    if (!started_) {
      started_ = true;
      std::array<char, 3> mark{};
      const Result<std::size_t> bytes = read_fully(*source_, mark.data(), mark.size());
      if (!bytes) return bytes.error();
      beginning_.assign(mark.data(), *bytes);
      if (beginning_ == utf8_mark) beginning_.clear();
    }
    if (beginning_.empty()) return source_->read(target, bytes_max);
    const std::size_t bytes = std::min(bytes_max, beginning_.size());
    std::memcpy(target, beginning_.data(), bytes);
    beginning_.erase(0, bytes);
    return bytes;
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  bool started_ = false;
  std::string beginning_;
};

// Turns pieces into UTF-8 and hands them out.
class TranscodedSource : public ByteSource {
 public:
  explicit TranscodedSource(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) final {
    while (given_ == text_.size() && !ended_) {
      piece_.resize(piece_bytes);
      const Result<std::size_t> bytes = read_fully(*source_, piece_.data(), piece_.size());
      if (!bytes) return bytes.error();
      piece_.resize(*bytes);
      ended_ = *bytes < piece_bytes;
      text_.clear();
      given_ = 0;
      append(piece_, ended_, text_);
    }
    const std::size_t bytes = std::min(bytes_max, text_.size() - given_);
    std::memcpy(target, text_.data() + given_, bytes);
    given_ += bytes;
    return bytes;
  }

 private:
  virtual void append(std::string_view piece, bool is_last, std::string& target) = 0;

  const std::unique_ptr<ByteSource> source_;
  std::string piece_;
  std::string text_;
  std::size_t given_ = 0;
  bool ended_ = false;
};

class Windows1252Source final : public TranscodedSource {
 public:
  using TranscodedSource::TranscodedSource;

 private:
  void append(std::string_view piece, bool /*is_last*/, std::string& target) override {
    // What the bytes 0x80 to 0x9F stand for; unicode.org, CP1252.TXT.
    static constexpr std::array<std::uint16_t, 32> codes{
        0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
        0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
        0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
    for (const char letter : piece) {
      const std::uint8_t byte = std::uint8_t(letter);
      append_utf8(target, byte >= 0x80 && byte < 0xA0 ? codes[byte - 0x80] : byte);
    }
  }
};

class Utf16Source final : public TranscodedSource {
 public:
  Utf16Source(std::unique_ptr<ByteSource> source, bool big_endian)
      : TranscodedSource(std::move(source)), big_endian_(big_endian) {}

 private:
  void append(std::string_view piece, bool is_last, std::string& target) override {
    for (std::size_t at = 0; at < piece.size(); at += 2) {
      // Pieces are of even length, so only the file's last byte can be half a unit.
      const std::uint8_t first = std::uint8_t(piece[at]);
      const bool whole = at + 1 < piece.size();
      const std::uint8_t second = whole ? std::uint8_t(piece[at + 1]) : 0;
      const std::uint32_t unit = big_endian_ ? first << 8 | second : second << 8 | first;
      append_unit(whole ? unit : replacement, target);
    }
    if (is_last && high_ != 0) append_utf8(target, replacement);
  }

  void append_unit(std::uint32_t unit, std::string& target) {
    const bool is_low = unit >= 0xDC00 && unit < 0xE000;
    if (high_ != 0) {
      const std::uint32_t high = high_;
      high_ = 0;
      if (is_low) {
        append_utf8(target, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
        return;
      }
      append_utf8(target, replacement);
    }
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else if (is_low) {
      append_utf8(target, replacement);
    } else if (started_ || unit != 0xFEFF) {
      append_utf8(target, unit);
    }
    started_ = true;
  }

  static constexpr std::uint32_t replacement = 0xFFFD;
  const bool big_endian_;
  bool started_ = false;
  std::uint32_t high_ = 0;  // the first half of a pair; 0: none is open
};

}  // namespace

std::unique_ptr<ByteSource> to_utf8(std::unique_ptr<ByteSource> source, Encoding encoding) {
  switch (encoding) {
    case Encoding::utf8: return std::make_unique<Utf8Source>(std::move(source));
    case Encoding::utf16le: return std::make_unique<Utf16Source>(std::move(source), false);
    case Encoding::utf16be: return std::make_unique<Utf16Source>(std::move(source), true);
    case Encoding::windows1252: return std::make_unique<Windows1252Source>(std::move(source));
  }
  INVARIANT(false);
}

}  // namespace cauce::datasets::csv
