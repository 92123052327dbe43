// What a fuzzer of this room makes its tables and requests of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

namespace cauce::charts {

// Takes values off the front of the input; zeros when it is used up.
class Input {
 public:
  Input(const std::uint8_t* bytes, std::size_t size) : bytes_(bytes), left_(size) {}

  template <class Value>
  Value take() {
    Value value{};
    const std::size_t taken = std::min(sizeof value, left_);
    std::memcpy(&value, bytes_, taken);
    bytes_ += taken;
    left_ -= taken;
    return value;
  }

  std::uint8_t below(std::uint8_t limit) { return std::uint8_t(take<std::uint8_t>() % limit); }
  bool over() const { return left_ == 0; }

  std::string text() {
    const std::size_t size = std::min<std::size_t>(below(24), left_);
    std::string text(reinterpret_cast<const char*>(bytes_), size);
    bytes_ += size;
    left_ -= size;
    return text;
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t left_;
};

}  // namespace cauce::charts
