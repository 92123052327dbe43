// How users and access tokens are written.
#include <fmt/core.h>

#include "business/check.h"
#include "business/sqlite/statements.h"
#include "business/sqlite/writer.h"

namespace cauce::business {
namespace {

Error absent_user(std::string_view name) {
  return {Outcome::not_found,
          fmt::format("there is no user \"{}\"", name.substr(0, user_name_bytes_max))};
}

Error absent_token() {
  return {Outcome::not_found, "this access token does not exist, or was removed before"};
}

}  // namespace

Result<void> SqliteBusiness::require_user(std::string_view name) {
  const auto found = finds(database_, "SELECT 1 FROM users WHERE name=?", name);
  if (!found) return found.error();
  if (*found) return {};
  return absent_user(name);
}

Result<void> SqliteBusiness::end_sessions(std::string_view user, std::size_t kept) {
  // What never runs out lasts longest.
  auto sessions = bound(database_,
                        "SELECT token_hash FROM access_tokens WHERE user=? "
                        "ORDER BY expires_at IS NULL DESC, expires_at DESC LIMIT -1 OFFSET ?",
                        user, std::int64_t(kept));
  if (!sessions) return sessions.error();
  std::vector<Bytes> hashes;
  for (;;) {
    const auto row = sessions->step();
    if (!row) return row.error();
    if (!*row) break;
    hashes.emplace_back(sessions->blob(0));
  }
  for (const Bytes& hash : hashes) {
    const auto removed =
        run(database_, "DELETE FROM access_tokens WHERE token_hash=?", sql::Blob{hash});
    if (!removed) return removed.error();
    if (auto written = write_change(Kind::access_token, to_hex(hash)); !written) return written;
  }
  return {};
}

Result<void> SqliteBusiness::create(const User& user) {
  if (auto fit = check(user); !fit) return fit;
  return write(Kind::user, user.name, [&]() -> Result<void> {
    if (!user.company.empty()) {
      if (auto present = require_company(user.company); !present) return present;
    }
    const auto found = require_user(user.name);
    if (found) {
      return Error{Outcome::conflict,
                   fmt::format("the user name \"{}\" is taken; choose another", user.name)};
    }
    if (found.error().outcome != Outcome::not_found) return found;
    return without_count(run(database_,
                             "INSERT INTO users(name, company, access, password_hash, enabled, "
                             "created_at) VALUES(?, ?, ?, ?, ?, ?)",
                             user.name, none_if_empty(user.company),
                             name_in(access_names, user.access), user.password_hash, user.enabled,
                             to_microseconds(user.created_at)));
  });
}

Result<void> SqliteBusiness::update(const User& user) {
  if (auto fit = check(user); !fit) return fit;
  return write(Kind::user, user.name, [&]() -> Result<void> {
    if (auto present = require_user(user.name); !present) return present;
    const auto same = finds(database_, "SELECT 1 FROM users WHERE name=? AND password_hash=?",
                            user.name, user.password_hash);
    if (!same) return same.error();
    if (!*same || !user.enabled) {
      if (auto ended = end_sessions(user.name, 0); !ended) return ended;
    }
    // Company and created_at stay what they were.
    return without_count(
        run(database_, "UPDATE users SET access=?, password_hash=?, enabled=? WHERE name=?",
            name_in(access_names, user.access), user.password_hash, user.enabled, user.name));
  });
}

Result<void> SqliteBusiness::remove_user(std::string_view name) {
  return write(Kind::user, std::string(name), [&]() -> Result<void> {
    if (auto present = require_user(name); !present) return present;
    if (auto ended = end_sessions(name, 0); !ended) return ended;
    return without_count(run(database_, "DELETE FROM users WHERE name=?", name));
  });
}

Result<void> SqliteBusiness::create(const AccessToken& token) {
  if (auto fit = check(token); !fit) return fit;
  return write(Kind::access_token, to_hex(token.token_hash), [&]() -> Result<void> {
    if (!token.company.empty()) {
      if (auto present = require_company(token.company); !present) return present;
    }
    const auto found = finds(database_, "SELECT 1 FROM access_tokens WHERE token_hash=?",
                             sql::Blob{token.token_hash});
    if (!found) return found.error();
    if (*found) return Error{Outcome::conflict, "token_hash: this access token exists already"};
    if (!token.user.empty()) {
      if (auto present = require_user(token.user); !present) return present;
      if (auto ended = end_sessions(token.user, user_sessions_max - 1); !ended) return ended;
    }
    return without_count(run(database_,
                             "INSERT INTO access_tokens(token_hash, company, access, title, "
                             "expires_at, once, user) VALUES(?, ?, ?, ?, ?, ?, ?)",
                             sql::Blob{token.token_hash}, none_if_empty(token.company),
                             name_in(access_names, token.access), token.title, token.expires_at,
                             token.once, none_if_empty(token.user)));
  });
}

Result<void> SqliteBusiness::remove_token(BytesView token_hash) {
  return write(Kind::access_token, to_hex(token_hash), [&]() -> Result<void> {
    const auto removed =
        run(database_, "DELETE FROM access_tokens WHERE token_hash=?", sql::Blob{token_hash});
    if (!removed) return removed.error();
    if (*removed == 0) return absent_token();
    return {};
  });
}

}  // namespace cauce::business
