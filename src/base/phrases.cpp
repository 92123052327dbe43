#include "base/phrases.h"

#include <vector>

namespace cauce {
namespace {

struct Gap {
  std::size_t start = std::string_view::npos;  // npos: there is none
  std::size_t length = 0;                      // with its brackets
  std::string_view name;
};

Gap next_gap(std::string_view pattern) {
  const std::size_t start = pattern.find('{');
  const std::size_t end = pattern.find('}', start);
  if (start == pattern.npos || end == pattern.npos) return {};
  return {start, end + 1 - start, pattern.substr(start + 1, end - start - 1)};
}

struct Part {
  std::string_view name;  // of its gap
  std::string_view text;
};

// What stands in the gaps; nothing: it is another sentence.
std::optional<std::vector<Part>> matched(std::string_view text, std::string_view pattern) {
  std::vector<Part> found;
  for (;;) {
    const Gap gap = next_gap(pattern);
    if (gap.length == 0) return text == pattern ? std::optional{found} : std::nullopt;
    if (text.substr(0, gap.start) != pattern.substr(0, gap.start)) return std::nullopt;
    text.remove_prefix(gap.start);
    pattern.remove_prefix(gap.start + gap.length);
    const std::string_view until = pattern.substr(0, next_gap(pattern).start);
    const std::size_t end = until.empty() ? text.size() : text.find(until);
    if (end == std::string_view::npos) return std::nullopt;
    found.push_back({gap.name, text.substr(0, end)});
    text.remove_prefix(end);
  }
}

std::optional<std::string> said(const Phrase& phrase, std::string_view english,
                                const FillGap& fill) {
  const auto parts = matched(english, phrase.english);
  if (!parts) return std::nullopt;
  std::string text;
  std::string_view rest = phrase.other;
  for (const Part& part : *parts) {
    const Gap gap = next_gap(rest);
    if (gap.length == 0) break;
    const auto word = fill(part.name, part.text);
    if (!word) return std::nullopt;
    text += rest.substr(0, gap.start);
    text += *word;
    rest.remove_prefix(gap.start + gap.length);
  }
  return text.append(rest);
}

}  // namespace

std::optional<std::string> said_by(std::span<const Phrase> phrases, std::string_view english,
                                   const FillGap& fill) {
  for (const Phrase& phrase : phrases) {
    if (auto text = said(phrase, english, fill)) return text;
  }
  return std::nullopt;
}

}  // namespace cauce
