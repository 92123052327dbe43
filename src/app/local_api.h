// The API of the cauce that runs on a data directory, for the command line: whoever may read
// DIR/run/token is an owner there. Every command that changes something goes this way, so that the
// one writer of the business data stays the only one.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/net.h"

namespace cauce::app {

class LocalApi {
 public:
  using Query = std::map<std::string, std::string>;

  // `unavailable` or `not_found`, saying how to start it, when nothing runs there.
  static Result<LocalApi> of(const std::filesystem::path& data);

  // One call; `path` goes behind /api/v1, `body` may be null. Answers a JSON object, null when the
  // answer has no body; a refusal's sentence becomes the error.
  Result<nlohmann::json> call(std::string method, std::string path, Query query = {},
                              const nlohmann::json& body = nullptr) const;

  // All items of a list, page by page.
  Result<std::vector<nlohmann::json>> items(const std::string& path, Query query = {}) const;

  // Where the API is.
  const net::Address& server() const { return server_; }

 private:
  LocalApi(std::filesystem::path data, net::Address server, std::string token)
      : data_(std::move(data)), server_(std::move(server)), token_(std::move(token)) {}

  std::filesystem::path data_;
  net::Address server_;
  std::string token_;
};

// The query that names a company; none when it is empty.
LocalApi::Query about(const std::string& company);

}  // namespace cauce::app
