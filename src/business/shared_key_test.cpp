#include "business/shared_key.h"

#include <doctest/doctest.h>

namespace cauce::business {

TEST_CASE("an identity names company, device and place, and is written as it was read") {
  for (const std::string text : {"acme/mote-1", "acme/mote-1/2", "a/b", "A.c_m-e/2", "A/2/2"}) {
    const auto identity = SharedKeyIdentity::read(text);
    REQUIRE(identity);
    CHECK(identity->text() == text);
  }
  CHECK(SharedKeyIdentity::read("acme/mote-1")->place == 1);
  const auto second = SharedKeyIdentity::read("acme/mote-1/2");
  CHECK(second->company == "acme");
  CHECK(second->device == "mote-1");
  CHECK(second->place == 2);
}

TEST_CASE("a text of another form is no identity") {
  for (const std::string_view text :
       {"", "/", "acme", "acme/", "/mote-1", "acme/mote-1/", "acme/mote-1/1", "acme/mote-1/3",
        "acme/mote-1/22", "acme/mote-1/2/2", "acme//2", "acme/mote 1", "acme/m\xc3\xb6te",
        "-acme/mote-1"}) {
    CAPTURE(text);
    CHECK_FALSE(SharedKeyIdentity::read(text));
  }
  CHECK_FALSE(SharedKeyIdentity::read(std::string_view("acme/mote\0x", 11)));
}

TEST_CASE("an identity is as long as its names may be and no longer") {
  const std::string name(name_bytes_max, 'x');
  const std::string longest = name + '/' + name + "/2";
  CHECK(longest.size() == shared_key_identity_bytes_max);
  CHECK(SharedKeyIdentity::read(longest));
  CHECK_FALSE(SharedKeyIdentity::read('x' + longest));
  CHECK_FALSE(SharedKeyIdentity::read(name + '/' + name + "x/2"));
}

TEST_CASE("a key is found by its place") {
  Device device;
  device.shared_keys = {{2, Bytes(16, 'b')}, {1, Bytes(16, 'a')}};
  CHECK(shared_key_in(device, 1)->secret == Bytes(16, 'a'));
  CHECK(shared_key_in(device, 2)->secret == Bytes(16, 'b'));
  device.shared_keys.pop_back();
  CHECK(shared_key_in(device, 1) == nullptr);
}

}  // namespace cauce::business
