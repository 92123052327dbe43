// One request on its way: who asks, about which company, with what, and what is answered. Handlers
// (handlers.h) take a Call and give an Answer or an Error; respond.h turns either into HTTP.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "api/api.h"
#include "base/json.h"
#include "base/result.h"
#include "business/business.h"
#include "net/http.h"

namespace cauce::api {

class Pulse;
struct SignIn;

// Whose token it is. A handler asks `company` of its Call instead: that one is already decided.
struct Caller {
  std::string company;  // empty: every company
  business::Access access = business::Access::viewer;
  std::string title;
  bool by_cookie = false;
  bool by_link = false;  // a signed link stands for a token
  Bytes token_hash = {};
  std::string user = {};  // whose session it is; empty: nobody's

  bool sees_all() const { return company.empty(); }
};

struct Answer {
  int status = 200;
  std::string json = {};  // of content_type; empty: no body
  std::vector<std::pair<std::string, std::string>> headers = {};
  bool later = false;                             // Call::finish is called by another thread
  std::string content_type = "application/json";  // of `json`
  std::string refusal = {};  // not empty: a problem with this detail, of a status no Outcome has
  Json members = Json::object();  // of that problem, besides

  static Answer deferred() { return {.status = 0, .later = true}; }
  static Answer refused(int status, std::string detail) {
    return {.status = status, .refusal = std::move(detail)};
  }
};

using Finish = std::function<void(Result<Answer>)>;

struct Call {
  const House& house;
  const Options& options;
  const Pulse& pulse;
  SignIn& sign_in;
  const net::Request& request;
  Caller caller = {};
  std::string company = {};                  // of a route with a scope: the only one to touch
  std::vector<std::string> parameters = {};  // what stands in the {…} of the pattern, in order
  Finish finish = {};                        // for an Answer::deferred()
  // Of its Idempotency-Key, for what keeps repetitions apart itself: whose key it is, and which
  // request came with it. Empty without one.
  Bytes repeat_key = {};
  Bytes repeat_request = {};
};

}  // namespace cauce::api
