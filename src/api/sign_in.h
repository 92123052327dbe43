// What signing in with a password needs besides the stores: the worker that compares passwords, and
// how often each user and each address may still fail.
#pragma once

#include <functional>
#include <string>

#include "api/access.h"
#include "api/attempts.h"
#include "api/call.h"
#include "api/password_work.h"

namespace cauce::api {

struct SignIn {
  SignIn(const Options& options, std::function<void()> finished)
      : passwords(options.password_cost, options.passwords_waiting_max, std::move(finished)),
        users(options.sign_in_attempts),
        addresses(options.sign_in_attempts) {}

  PasswordWork passwords;
  // The api's thread only.
  Attempts users;
  Attempts addresses;
};

// Where the request comes from, without its port. On this machine that is a proxy, which says who
// it speaks for at the end of X-Forwarded-For; a program on this machine may say what it likes.
std::string address_of(const net::Request& request);

// User names are compared without regard to case.
std::string lower_case(std::string text);

// Compares the password of `user` (perhaps nobody's name), then answers by `then`, on this thread,
// when it was right. Answers for itself when it was wrong, or when too many were wrong before.
Result<Answer> with_password(Call& call, const std::string& user, const std::string& password,
                             std::function<Result<Answer>(const business::User& user)> then);

// Gives a late answer, unless it is later still. An error is handed on.
Result<void> settle(const Finish& finish, const Result<Answer>& answer);

// A new session of this user: its token, and for the page the cookie.
Result<Answer> open_user_session(const House& house, const Options& options,
                                 const business::User& user, int status, Cookie cookie);

}  // namespace cauce::api
