// Data sets and charts in a backup: what companies uploaded, and the addresses of its charts. They
// are changed while they are copied: files of versions never change and go with their data set
// only; what names them is kept as it was read.
#pragma once

#include <vector>

#include "api/pins.h"
#include "app/backup_target.h"
#include "datasets/committed_sets.h"

namespace cauce::app {

// Charts are read before the data sets that they name, and both before the companies: so what a
// copy names is in it, unless it was removed meanwhile; then it is left out. One thread.
class DataSetsCopy {
 public:
  // `objects` outlives this.
  explicit DataSetsCopy(objects::Objects& objects) : objects_(objects) {}

  Result<void> read_charts();
  Result<void> read_sets();
  // corrupt: a file is missing or is not what was uploaded. Whatever takes long is done here.
  Result<void> copy(BackupTarget& target);

 private:
  Result<void> copy_set(const datasets::CommittedSet& set, BackupTarget& target);
  Result<void> copy_chart(const api::StoredPin& chart, BackupTarget& target);

  objects::Objects& objects_;
  std::vector<api::StoredPin> charts_;
  std::vector<datasets::CommittedSet> sets_;
};

}  // namespace cauce::app
