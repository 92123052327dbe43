// The data sets that companies keep: files as they were uploaded, in versions, each with what was
// found out about it. They lie in the object store:
//
//   datasets/COMPANY/ID/1.csv            the first version, byte by byte as it came
//   datasets/COMPANY/ID/1.summary.json   what its columns hold
//   datasets/COMPANY/ID/1.typed.columns  its columns as charts read them (typed/typed.h), if any
//   datasets/COMPANY/ID/set.json         written last: what it does not name does not exist
//
// Durable when a function returns. One thread adds; any thread does the rest, and waits for no
// large file. One Store at a time has a set of objects.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "objects/objects.h"

namespace cauce::datasets {

struct StoreLimits {
  std::size_t sets_max = 1000;             // of a company
  std::uint64_t bytes_max = 256ull << 30;  // of a company, all versions, as they were uploaded
  std::size_t versions_max = 100;          // of a data set
  std::size_t name_bytes_max = 200;
  std::size_t summary_bytes_max = 16u << 20;
};

struct Version {
  std::uint32_t number = 1;  // counted from 1
  std::uint64_t bytes = 0;
  std::string sha256;     // of the bytes, 64 hexadecimal digits
  std::string file_name;  // as the client called it; may be empty
  std::string owner;      // whose user or token brought it
  std::string suffix;     // ".csv": of the file's name, cleaned; may be empty
  std::uint64_t rows = 0;
  std::uint64_t columns_bytes = 0;  // of its typed columns; 0: it has none
  Time created_at;

  bool operator==(const Version&) const = default;
};

// Who of its company sees a data set and what is drawn from it.
enum class Sharing {
  company,  // everybody
  owner,    // who owns it, and those who see everything
};

struct DataSet {
  std::string id;    // 32 hexadecimal digits, random
  std::string name;  // for people; need not be unique
  std::string owner;
  Sharing sharing = Sharing::company;
  Time created_at;
  std::optional<Time> expires_at;  // nullopt: never
  std::vector<Version> versions;   // ascending; at least one

  const Version& latest() const { return versions.back(); }
  bool operator==(const DataSet&) const = default;
};

// Who asks, within a company.
struct Viewer {
  std::string name;       // as `owner` names him
  bool sees_all = false;  // also what is shared with its owner alone
};
bool is_seen(const DataSet& set, const Viewer& viewer);

// A file on its way in: already complete and understood.
struct Arrival {
  std::filesystem::path file;  // moved away when it was taken
  std::string file_name = {};
  std::string owner = {};
  std::uint64_t bytes = 0;
  std::string sha256 = {};
  std::uint64_t rows = 0;
  std::string summary = {};            // JSON
  std::filesystem::path columns = {};  // its typed columns, moved away as well …
  std::uint64_t columns_bytes = 0;     // … 0: there are none
};

struct SetPage {
  std::vector<DataSet> sets;  // the youngest first
  std::string next;           // where the next page starts; empty: nothing follows
};

class Store {
 public:
  // `objects` and `random` outlive this.
  Store(objects::Objects& objects, Random& random, StoreLimits limits = {});

  // Once, before the rest: reads what there is and removes what a crash left half. A damaged
  // set.json is left alone, with its objects, and logged.
  Result<void> open();

  // invalid: the name is empty, too long or no text. exhausted: the company has as much as it may;
  // says of what.
  Result<DataSet> add(std::string_view company, std::string_view name,
                      std::optional<Time> expires_at, const Arrival& arrival, Time now);
  // not_found, exhausted.
  Result<DataSet> add_version(std::string_view company, std::string_view id, const Arrival& arrival,
                              Time now);
  // Whether a file of so many bytes could be added now, as a new data set or as a version: to be
  // asked before it is taken.
  Result<void> check_room(std::string_view company, std::uint64_t bytes, bool is_new) const;
  Result<void> check_name(std::string_view name) const;

  // What the viewer does not see does not exist for him: not_found.
  Result<DataSet> find(std::string_view company, std::string_view id, const Viewer& viewer) const;
  // Of the company's sets, the one with the youngest version. not_found: it has none.
  Result<DataSet> last_uploaded(std::string_view company, const Viewer& viewer) const;
  // `after`: `next` of the page before. invalid: a damaged one.
  Result<SetPage> list(std::string_view company, std::string_view after, std::size_t sets_max,
                       const Viewer& viewer) const;
  Result<DataSet> rename(std::string_view company, std::string_view id, std::string_view name);
  Result<DataSet> set_expiry(std::string_view company, std::string_view id,
                             std::optional<Time> expires_at);
  Result<DataSet> share(std::string_view company, std::string_view id, Sharing sharing);
  Result<void> remove(std::string_view company, std::string_view id);

  // Removes one data set that has expired; its company and id, or nullopt when there is none.
  struct Removed {
    std::string company;
    std::string id;
  };
  Result<std::optional<Removed>> remove_expired(Time now);

  // A local file, valid until the data set is removed. not_found.
  Result<std::filesystem::path> file(std::string_view company, const DataSet& set,
                                     const Version& version) const;
  // Its typed columns, likewise. not_found: it has none.
  Result<std::filesystem::path> columns(std::string_view company, const DataSet& set,
                                        const Version& version) const;
  Result<std::string> summary(std::string_view company, const DataSet& set,
                              const Version& version) const;

 private:
  using Sets = std::map<std::string, DataSet, std::less<>>;  // by id

  Result<void> read_set(std::string_view key, std::vector<std::string>& named);
  Result<void> keep(std::string_view company, const DataSet& set);
  Result<void> put_version(std::string_view company, const DataSet& set, const Arrival& arrival);
  Result<void> room_for(const Sets& sets, std::uint64_t bytes, bool is_new) const;
  Result<void> remove_objects(std::string_view company, const DataSet& set);
  Result<void> remove_version(std::string_view company, const DataSet& set, const Version& version);
  Result<DataSet*> set_of(std::string_view company, std::string_view id);

  objects::Objects& objects_;
  Random& random_;
  const StoreLimits limits_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Sets, std::less<>> companies_;
};

}  // namespace cauce::datasets
