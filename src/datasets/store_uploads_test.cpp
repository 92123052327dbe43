#include "datasets/store_uploads.h"

#include <doctest/doctest.h>

#include <fstream>

#include "objects/scratch.h"

namespace cauce::datasets {
namespace {

namespace fs = std::filesystem;

constexpr Time start = from_microseconds(1'800'000'000'000'000);

Upload of_company(const std::string& company) {
  Upload upload;
  upload.company = company;
  upload.name = "Cars";
  upload.bytes = 10;
  return upload;
}

std::size_t files_in(const fs::path& directory) {
  return std::size_t(std::distance(fs::directory_iterator(directory), {}));
}

}  // namespace

TEST_CASE("an upload in pieces is found again after a restart, with what came") {
  const objects::Scratch scratch;
  SeededRandom random{7};
  const fs::path directory = scratch.path / "uploads";
  std::string id;
  {
    Uploads uploads(directory, random);
    REQUIRE(uploads.open());
    Upload asked = of_company("acme");
    asked.expires_at = start + std::chrono::hours{1};
    const auto begun = uploads.begin(asked, start);
    REQUIRE(begun);
    id = begun->id;
    CHECK(*uploads.offset(*begun) == 0);
    std::ofstream(uploads.file(*begun), std::ios::app) << "12345";
    std::ofstream(directory / "half.json") << "{";
    std::ofstream(directory / "orphan.part") << "x";
  }
  Uploads uploads(directory, random);
  REQUIRE(uploads.open());
  CHECK(files_in(directory) == 2);
  const auto found = uploads.find("acme", id);
  REQUIRE(found);
  CHECK(*uploads.offset(*found) == 5);
  CHECK(found->bytes == 10);
  CHECK(found->expires_at == start + std::chrono::hours{1});
  CHECK(uploads.find("rival", id).error().outcome == Outcome::not_found);
  CHECK(uploads.claim(*found));
  CHECK_FALSE(uploads.claim(*found));
  CHECK(uploads.remove_old(time_max) == 0);
  uploads.release(*found);
  CHECK(uploads.claim(*found));
  uploads.remove(*found);
  CHECK(uploads.find("acme", id).error().outcome == Outcome::not_found);
  CHECK(files_in(directory) == 0);
}

TEST_CASE("so many uploads are begun, and what nobody finishes goes") {
  const objects::Scratch scratch;
  SeededRandom random{7};
  Uploads uploads(scratch.path / "uploads", random,
                  {.uploads_max = 2, .span_max = std::chrono::hours{1}});
  REQUIRE(uploads.open());
  REQUIRE(uploads.begin(of_company("acme"), start));
  REQUIRE(uploads.begin(of_company("acme"), start + std::chrono::minutes{30}));
  CHECK(uploads.begin(of_company("acme"), start).error().outcome == Outcome::exhausted);
  CHECK(uploads.begin(of_company("rival"), start).has_value());
  CHECK(uploads.remove_old(start + std::chrono::minutes{59}) == 0);
  CHECK(uploads.remove_old(start + std::chrono::hours{1}) == 2);
  CHECK(uploads.begin(of_company("acme"), start).has_value());
}

}  // namespace cauce::datasets
