#include "table/duckdb_calls.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include "base/invariant.h"

namespace cauce::table {
namespace {

constexpr const char* library_name = "libduckdb.so";

struct Loaded {
  DuckdbCalls calls{};
  std::string missing;  // what could not be found; empty: nothing
};

template <class Call>
void find(void* library, const char* name, Call& call, std::string& missing) {
  call = reinterpret_cast<Call>(dlsym(library, name));
  if (call == nullptr && missing.empty()) missing = fmt::format("{} in {}", name, library_name);
}

Loaded load() {
  Loaded loaded;
  // Never closed: the library keeps threads and statics of its own.
  void* const library = dlopen(library_name, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    loaded.missing = dlerror();
    return loaded;
  }
#define CALL(name) find(library, "duckdb_" #name, loaded.calls.name, loaded.missing);
#include "table/duckdb_calls.inc"
#undef CALL
  return loaded;
}

const Loaded& loaded() {
  static const Loaded once = load();
  return once;
}

}  // namespace

Result<void> load_duckdb() {
  if (loaded().missing.empty()) return {};
  return Error{Outcome::not_found,
               fmt::format("cannot load DuckDB, so lake and facts can be neither written nor read: "
                           "{}; run script/setup, or install the package again",
                           loaded().missing)};
}

const DuckdbCalls& duckdb() {
  INVARIANT(loaded().missing.empty());
  return loaded().calls;
}

}  // namespace cauce::table
