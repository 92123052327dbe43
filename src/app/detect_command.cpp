#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "alarms/detectors/scored_csv.h"
#include "app/commands.h"
#include "disk/error.h"

namespace cauce::app {
namespace {

struct Detect {
  std::filesystem::path data;
  std::filesystem::path out = "-";
};

constexpr std::size_t piece_bytes = 256 << 10;

// A descriptor of this process, closed at the end unless it is standard input or output.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Result<std::size_t> read_piece(int descriptor, const std::string& path, Bytes& piece) {
  for (;;) {
    const ssize_t count = ::read(descriptor, piece.data(), piece.size());
    if (count >= 0) return std::size_t(count);
    if (errno != EINTR) return disk::error_of("read", path, errno);
  }
}

Result<void> write_all(int descriptor, const std::string& path, BytesView bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk::error_of("write", path, errno);
    bytes.remove_prefix(std::size_t(count));
  }
  return {};
}

// What each piece completes is written before the next one is read, so a pipe gets its scores at
// once and memory does not depend on the length of the input.
Result<void> score(int source, const std::string& source_path, int target,
                   const std::string& target_path) {
  alarms::detectors::ScoredCsv csv{{}};
  Bytes piece(piece_bytes, '\0');
  Bytes rows;
  for (;;) {
    const Result<std::size_t> count = read_piece(source, source_path, piece);
    if (!count) return count.error();
    rows.clear();
    const Result<void> taken =
        *count == 0 ? csv.finish(rows) : csv.take(BytesView{piece}.substr(0, *count), rows);
    // The rows before a faulty one are right: whoever reads a pipe has them.
    if (auto written = write_all(target, target_path, rows); !written) return written;
    if (!taken) return taken.error().during(source_path);
    if (*count == 0) return {};
  }
}

Result<void> run_detect(const Detect& command) {
  const bool from_pipe = command.data == "-";
  const std::string source_path = from_pipe ? "standard input" : command.data.string();
  const Descriptor source{from_pipe ? STDIN_FILENO
                                    : ::open(command.data.c_str(), O_RDONLY | O_CLOEXEC)};
  if (source.number() < 0) return disk::error_of("open", source_path, errno);
  if (command.out == "-") {
    return score(source.number(), source_path, STDOUT_FILENO, "standard output");
  }
  // A file appears as a whole: what cannot be scored to its end leaves none, and --out may be
  // --data itself.
  const std::string unfinished = command.out.string() + ".part";
  const Descriptor target{
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)};
  if (target.number() < 0) return disk::error_of("create", unfinished, errno);
  Result<void> done = score(source.number(), source_path, target.number(), unfinished);
  if (done && ::rename(unfinished.c_str(), command.out.c_str()) != 0) {
    done = disk::error_of("rename to", command.out.string(), errno);
  }
  if (!done) ::unlink(unfinished.c_str());
  return done;
}

}  // namespace

void add_detect_command(Command program) {
  const auto command = std::make_shared<Detect>();
  Command detect = program.add_command("detect", "score a CSV of one series for anomalies");
  detect.add_option("--data", command->data, "a CSV timestamp,value; - is standard input")
      .required();
  detect.add_option("--out", command->out,
                    "where the rows go with anomaly_score; - (default) is standard output");
  detect.runs([command] { return run_detect(*command); });
}

}  // namespace cauce::app
