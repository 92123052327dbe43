// What cauce doctor and cauce stream ask the engines: whether what they stored is sound. Beside a
// running cauce too; nothing is changed, but by a repair, which wants cauce to be stopped.
// Implemented in engines.cpp, the only place that names engines.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stream/description.h"
#include "stream/repair.h"
#include "stream/snapshot.h"
#include "stream/verification.h"

namespace cauce::app {

// The records that each partition of the topic holds, when its last segment is as recovery wants
// it and no segment is missing. `corrupt` naming file and offset.
Result<std::vector<stream::CopiedPartition>> check_topic(const std::filesystem::path& data,
                                                         const std::string& name);
// As cauce stream describe and cauce stream verify say: what the topic holds, and every byte of it
// judged.
Result<std::vector<stream::DescribedPartition>> describe_topic(const std::filesystem::path& data,
                                                               const std::string& name);
Result<std::vector<stream::VerifiedPartition>> verify_topic(
    const std::filesystem::path& data, const std::string& name,
    const stream::VerificationListener& listener);
// As cauce stream repair says: what is damaged of the topic, and with options.apply it is mended.
Result<std::vector<stream::RepairedPartition>> repair_topic(const std::filesystem::path& data,
                                                            const std::string& name,
                                                            const stream::RepairOptions& options,
                                                            const Clock& clock);

// How many months there are, when each can be opened and has the right format.
Result<std::size_t> check_recent(const std::filesystem::path& data);

}  // namespace cauce::app
