// Which topics of the stream are compressed.
#pragma once

namespace cauce::app {

enum class PackedTopics {
  none,
  // What is made of what devices sent, readings and facts: it repeats itself.
  derived,
  // Also what devices sent, which costs the gateway time.
  all,
};

}  // namespace cauce::app
