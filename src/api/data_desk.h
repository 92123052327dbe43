// Uploaded files on their way to being data sets: each is read to its end, so that its types are
// decided on all rows and what is wrong with it is said, then kept. On a thread of its own, one
// after the other, companies in turn; the same thread removes what has expired.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/call.h"
#include "base/clock.h"
#include "datasets/store.h"
#include "datasets/store_uploads.h"
#include "work/worker.h"

namespace cauce::api {

struct DataDeskOptions {
  // Bodies on their way, and uploads in pieces (below `parts`): on the file system of the objects,
  // so that they need not be copied. What is there when the desk opens is from an earlier process.
  std::filesystem::path directory;
  std::uint64_t upload_bytes_max = 64ull << 30;
  std::size_t files_waiting_max = 64;
  std::size_t files_of_one_max = 32;  // of one company
  std::size_t head_rows = 20;
  Duration expiry_interval = std::chrono::seconds{10};
  datasets::StoreLimits store;
  datasets::UploadLimits uploads;
};

// A file that came whole.
struct Intake {
  std::string company;
  std::string name;                     // of the new data set …
  std::string data_set = {};            // … or the one that it is a version of
  std::optional<Time> expires_at = {};  // of a new one
  std::string owner = {};
  std::string file_name = {};
  std::shared_ptr<net::BodyFile> body = nullptr;        // where it is …
  std::optional<datasets::Upload> upload = {};          // … or the upload that it came by
  std::function<void(Result<datasets::DataSet>)> done;  // on the desk's thread …
  std::function<void(Answer)> refused;                  // … or this one
};

class DataDesk {
 public:
  virtual ~DataDesk() = default;

  // Once, before the rest.
  virtual Result<void> open() = 0;

  virtual const DataDeskOptions& options() const = 0;
  virtual datasets::Store& store() = 0;
  virtual datasets::Uploads& uploads() = 0;
  // A name that no file has, for a body that is to come.
  virtual std::filesystem::path next_file() = 0;

  // Any thread. False, and nothing will be called, when as many wait as may.
  virtual bool ask(Intake intake) = 0;
  // Told on the desk's thread about each data set that is gone because it expired.
  using Gone = std::function<void(const std::string& company, const std::string& id)>;
  virtual void when_expired(Gone gone) = 0;
  virtual work::Worker& worker() = 0;
};

// All outlive the desk. Destroyed after its worker has stopped; what waits then is not answered.
std::unique_ptr<DataDesk> make_data_desk(objects::Objects& objects, Random& random,
                                         const Clock& clock, DataDeskOptions options);

}  // namespace cauce::api
