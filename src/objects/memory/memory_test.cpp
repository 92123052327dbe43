#include "objects/memory/memory.h"

#include <doctest/doctest.h>

#include "objects/objects_contract.h"
#include "objects/scratch.h"

namespace cauce::objects {

TEST_CASE("objects in memory keep the contract") {
  const Scratch scratch;
  auto objects = memory_objects(scratch.path);
  contract::check(*objects, scratch.path);
}

}  // namespace cauce::objects
