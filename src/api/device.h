// What several routes say about a device and its last values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/json.h"
#include "business/business.h"
#include "recent/recent.h"

namespace cauce::api {

constexpr std::size_t metrics_shown_max = 64;

std::string_view name_of(business::Encryption encryption);
std::string_view name_of(business::Format format);

// The device, or the `not_found` that a foreign one gives as well.
Result<const business::Device*> device_of(const Call& call, std::string_view name);

// The series of one device in the order of their metrics, the first `series_max`.
Result<std::vector<recent::SeriesSummary>> series_of(recent::Reader& reader,
                                                     std::string_view company,
                                                     std::string_view device,
                                                     std::size_t series_max);

// When each device was last heard of through a message that could not be decoded, as far as the
// counts say.
std::map<std::string, Time> last_unreadable(const std::vector<DeadLetterCount>& counts);

// When the last message of the device arrived, by the clock of cauce. Of one that has sent nothing
// since the ledger counts, the time of its newest value, as the device said it, or of a younger
// message that could not be decoded; nullopt without any.
Result<std::optional<Time>> last_seen(const Call& call, const business::Device& device,
                                      const std::vector<recent::SeriesSummary>& series,
                                      const std::map<std::string, Time>& unreadable);

Json json_of(const business::Device& device);
// The identities of its shared keys, the newest first.
Json shared_keys_of(const business::Device& device);  // shared_keys.cpp
Json json_of(const recent::SeriesSummary& summary);
Json json_of(const std::vector<recent::SeriesSummary>& series);

}  // namespace cauce::api
