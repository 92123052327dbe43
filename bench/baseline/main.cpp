#include <cstdio>
#include <cstdlib>
#include <exception>

#include "baseline/broker.h"

int main(int count, char** words) {
  if (count != 3) {
    std::fprintf(stderr, "usage: baseline PORT FILE\n");
    return 2;
  }
  try {
    baseline::Broker{static_cast<std::uint16_t>(std::atoi(words[1])), words[2]}.run();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "baseline: %s\n", failure.what());
    return 1;
  }
}
