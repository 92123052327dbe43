#include "stream/embedded/embedded.h"

#include <utility>

#include "base/invariant.h"
#include "base/names.h"
#include "stream/embedded/cursors.h"
#include "stream/embedded/format.h"
#include "stream/embedded/reader.h"
#include "stream/embedded/writer.h"

namespace cauce::stream::embedded {
namespace {

class EmbeddedTopic final : public Topic {
 public:
  EmbeddedTopic(disk::Directory& root, std::string name, Options options, const Clock& clock)
      : root_(root), name_(std::move(name)), options_(std::move(options)), clock_(clock) {
    INVARIANT(is_name(name_));
    INVARIANT(options_.partitions >= 1 && options_.partitions <= partitions_max);
    INVARIANT(options_.group_bytes_max <= body_bytes_max - record_bytes_max - 4);
    INVARIANT(options_.sync_interval_min >= Duration{0});
  }

  Result<std::unique_ptr<Writer>> open_writer() override {
    return EmbeddedWriter::open(root_.directory(name_), name_, options_, clock_);
  }

  Result<std::unique_ptr<Reader>> open_reader() override {
    return std::unique_ptr<Reader>{std::make_unique<EmbeddedReader>(root_.directory(name_))};
  }

  Result<std::unique_ptr<Cursors>> open_cursors() override {
    const auto topic = root_.directory(name_);
    return std::unique_ptr<Cursors>{
        std::make_unique<EmbeddedCursors>(*topic, topic->directory("groups"))};
  }

 private:
  disk::Directory& root_;
  const std::string name_;
  const Options options_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<Topic> make_topic(disk::Directory& root, std::string name, Options options,
                                  const Clock& clock) {
  return std::make_unique<EmbeddedTopic>(root, std::move(name), std::move(options), clock);
}

}  // namespace cauce::stream::embedded
