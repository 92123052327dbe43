#include "crypto/crypto.h"

#include <doctest/doctest.h>

#include <string>

namespace cauce::crypto {
namespace {

Bytes hex(std::string_view text) {
  Bytes bytes;
  REQUIRE(from_hex(text, bytes));
  return bytes;
}

struct Vector {
  const char* key;
  const char* nonce;
  const char* associated;
  const char* plaintext;
  const char* sealed;  // ciphertext, then the tag
};

// McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 13 to 16: the AES-256 ones
// with a nonce of 12 bytes that NIST SP 800-38D refers to.
constexpr const char* zero_key = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr const char* test_key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
constexpr Vector vectors[] = {
    {zero_key, "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {zero_key, "000000000000000000000000", "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {test_key, "cafebabefacedbaddecaf888", "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
     "b094dac5d93471bdec1a502270e3cc6c"},
    {test_key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
     "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
     "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

}  // namespace

TEST_CASE("a keyed digest is that of RFC 4231") {
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(Bytes(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(hmac_sha256("a", "b") != hmac_sha256("b", "a"));
}

TEST_CASE("sealing and opening agree with the published vectors") {
  for (const Vector& vector : vectors) {
    CAPTURE(vector.sealed);
    const Bytes sealed = seal_aes256gcm(hex(vector.key), hex(vector.nonce), hex(vector.associated),
                                        hex(vector.plaintext));
    CHECK(to_hex(sealed) == vector.sealed);
    const auto opened =
        open_aes256gcm(hex(vector.key), hex(vector.nonce), hex(vector.associated), sealed);
    REQUIRE(opened);
    CHECK(to_hex(*opened) == vector.plaintext);
  }
}

TEST_CASE("one changed bit anywhere is denied, and the error shows no key") {
  const Bytes key = hex(test_key);
  const Bytes nonce = hex("cafebabefacedbaddecaf888");
  const Bytes sealed = seal_aes256gcm(key, nonce, "mote-1", "21.5");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes changed = sealed;
    changed[bit / 8] = char(changed[bit / 8] ^ (1 << bit % 8));
    const auto opened = open_aes256gcm(key, nonce, "mote-1", changed);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().outcome == Outcome::denied);
  }
  const auto elsewhere = open_aes256gcm(key, nonce, "mote-2", sealed);
  REQUIRE_FALSE(elsewhere);
  CHECK(elsewhere.error().outcome == Outcome::denied);
  CHECK(elsewhere.error().message.find("feffe992") == std::string::npos);
  CHECK(open_aes256gcm(hex(zero_key), nonce, "mote-1", sealed).error().outcome == Outcome::denied);
}

TEST_CASE("what is shorter than a tag is invalid") {
  const auto opened = open_aes256gcm(hex(zero_key), Bytes(12, '\0'), "", Bytes(15, '\0'));
  REQUIRE_FALSE(opened);
  CHECK(opened.error().outcome == Outcome::invalid);
}

TEST_CASE("digests are those of FIPS 180-4") {
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc")) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("base64 with padding is read and everything else refused") {
  for (const auto& [text, bytes] : std::initializer_list<std::pair<const char*, Bytes>>{
           {"", ""}, {"YQ==", "a"}, {"YWI=", "ab"}, {"YWJj", "abc"}, {"+/+/", "\xfb\xff\xbf"}}) {
    const auto read = from_base64(text);
    REQUIRE(read);
    CHECK(*read == bytes);
  }
  for (const char* text : {"YQ", "YQ=", "YQ===", "-_-_", "YW Jj", "Y", "YR==", "\xc3\xa9=="}) {
    CAPTURE(text);
    CHECK_FALSE(from_base64(text));
  }
}

TEST_CASE("base64url goes both ways and refuses the rest") {
  // RFC 4648 section 10, without padding.
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg"},
                                    {"fo", "Zm8"},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg"},
                                    {"\xff\xef\xbe", "_---"}}) {
    CHECK(to_base64url(bytes) == text);
    const auto back = from_base64url(text);
    REQUIRE(back);
    CHECK(*back == bytes);
  }
  for (const char* text : {"Z", "Zg==", "Zm+v", "Zm/v", "Zh", "Zm9v\n", "Zm 9v", "Zm9vY",
                           "\xff\xff\xff\xff", "D\xd1\xff\xff"}) {
    CAPTURE(text);
    const auto refused = from_base64url(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome == Outcome::invalid);
  }
}

TEST_CASE("a refused token is not shown") {
  const auto refused = from_base64url("c2VjcmV0IHRva2Vu==");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("c2Vjcm") == std::string::npos);
}

TEST_CASE("a token is 32 random bytes as 43 characters") {
  SystemRandom random;
  const std::string token = make_token(random);
  CHECK(token.size() == 43);
  CHECK(from_base64url(token)->size() == 32);
  CHECK(make_token(random) != token);
  CHECK(random.bytes(0).empty());
}

TEST_CASE("a digest of pieces is that of the whole") {
  Sha256 nothing;
  CHECK(nothing.finish() == sha256(""));
  Sha256 pieces;
  for (const char* piece : {"ab", "", "c"})
    pieces.add(piece);
  CHECK(pieces.finish() == sha256("abc"));
}

TEST_CASE("secrets are equal only when every byte is") {
  CHECK(equal_secret("", ""));
  CHECK(equal_secret("secret", "secret"));
  CHECK_FALSE(equal_secret("secret", "secreT"));
  CHECK_FALSE(equal_secret("secret", "secre"));
}

}  // namespace cauce::crypto
