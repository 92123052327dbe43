// Uploads that come in pieces, perhaps over days and with connections that break: files in one
// directory, `ID.part` with what came and `ID.json` with what it is to become. They survive a
// restart. What nobody finished goes after a while.
//
// Whoever writes a piece does so by himself, at the file's end (see net::BodyTarget). Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::datasets {

struct UploadLimits {
  std::size_t uploads_max = 100;  // of a company, begun and not finished
  Duration span_max = std::chrono::hours{48};
};

struct Upload {
  std::string id;  // 32 hexadecimal digits, random
  std::string company;
  std::string owner;
  std::string name;      // of the data set it becomes …
  std::string data_set;  // … or the id of the one it is a version of
  std::string file_name;
  std::uint64_t bytes = 0;         // when it is whole
  std::optional<Time> expires_at;  // of the data set
  Time begun_at;
};

class Uploads {
 public:
  // The directory is made when absent. `random` outlives this.
  Uploads(std::filesystem::path directory, Random& random, UploadLimits limits = {});

  // Once, before the rest: what an earlier process left. Removes what it left half.
  Result<void> open();

  // Takes the id and the time from here. exhausted: the company has as many as it may.
  Result<Upload> begin(Upload upload, Time now);
  Result<Upload> find(std::string_view company, std::string_view id) const;  // not_found
  // How much has come.
  Result<std::uint64_t> offset(const Upload& upload) const;
  std::filesystem::path file(const Upload& upload) const;
  // True once, until release(): who finishes it does so alone.
  bool claim(const Upload& upload);
  void release(const Upload& upload);
  // Forgets it, with its file when that is still there.
  void remove(const Upload& upload);
  // Removes what was begun longer ago than span_max; how many.
  std::size_t remove_old(Time now);

 private:
  std::filesystem::path note(const Upload& upload) const;
  Result<void> write_note(const Upload& upload) const;

  const std::filesystem::path directory_;
  Random& random_;
  const UploadLimits limits_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Upload, std::less<>> uploads_;
  std::set<std::string> claimed_;
};

}  // namespace cauce::datasets
