// Texts of several processes as one: Prometheus allows the HELP and TYPE of a family once only, and
// wants its samples together.
#pragma once

#include <string>
#include <vector>

namespace cauce::metrics {

struct Exposition {
  std::string process;  // becomes the label `process` of every sample; empty: none is added
  std::string text;     // of Metrics::text()
};

// Families in the order of their names, samples in the order of `parts`. Lines that belong to no
// family are left out.
std::string merge(const std::vector<Exposition>& parts);

}  // namespace cauce::metrics
