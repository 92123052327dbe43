// What companies upload to draw: files that became typed tables. What happens to a file on its way
// in is data_desk.h.
#include <fmt/core.h>

#include "api/body.h"
#include "api/chart_desk.h"
#include "api/data_desk.h"
#include "api/data_set_json.h"
#include "api/handlers.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Result<std::optional<Time>> expiry_of(const std::string& text, Time now) {
  if (text.empty()) return std::optional<Time>{};
  const auto time = parse_time(text);
  if (!time || *time <= now)
    return Error{Outcome::invalid,
                 "\"expires_at\" must be a time to come, such as 2027-11-21T23:48:40Z."};
  return std::optional{*time};
}

Result<std::optional<datasets::Sharing>> sharing_of(const std::optional<std::string>& text) {
  if (!text) return std::optional<datasets::Sharing>{};
  for (const datasets::Sharing sharing : {datasets::Sharing::company, datasets::Sharing::owner}) {
    if (name_of(sharing) == *text) return std::optional{sharing};
  }
  return Error{Outcome::invalid, "\"sharing\" must be company or private."};
}

bool may_share(const Call& call, const datasets::DataSet& set) {
  const datasets::Viewer viewer = viewer_of(call);
  return viewer.sees_all || viewer.name == set.owner;
}

// The name that was asked for, or the file's, cut to what a name may have.
std::string name_for(const std::string& asked, const std::string& file_name,
                     std::size_t bytes_max) {
  if (!asked.empty()) return asked;
  std::string name;
  for (const char letter : file_name.substr(file_name.find_last_of("/\\") + 1)) {
    if (static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7F) name += letter;
  }
  if (name.empty()) return "data";
  if (name.size() <= bytes_max) return name;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) {
    --end;  // not in the middle of a letter
  }
  return name.substr(0, end);
}

}  // namespace

Result<Answer> list_data_sets(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const auto page =
      call.house.data.store().list(call.company, parameter(call, "after"), *limit, viewer_of(call));
  if (!page) return page.error().outcome == Outcome::invalid ? damaged_cursor() : page.error();
  Json items = Json::array();
  for (const datasets::DataSet& set : page->sets) {
    items.push_back(json_of(set));
  }
  return answer(200, {{"items", items}, {"next", next_of(page->next)}});
}

Result<Answer> create_data_set(Call& call) {
  if (!call.request.file) return Error{Outcome::invalid, "The body is empty: send the file."};
  const net::BodyFile& body = *call.request.file;
  const auto field = [&](const char* name) {
    const auto found = body.fields().find(name);
    return found == body.fields().end() ? parameter(call, name) : found->second;
  };
  const auto expires_at = expiry_of(field("expires_at"), call.house.clock.now());
  if (!expires_at) return expires_at.error();
  Intake intake;
  intake.file_name = body.name();
  intake.name =
      name_for(field("name"), body.name(), call.house.data.options().store.name_bytes_max);
  if (auto fits = call.house.data.store().check_name(intake.name); !fits) return fits.error();
  intake.expires_at = *expires_at;
  intake.body = call.request.file;
  return take_in(call, std::move(intake), answer_of_data_set(call));
}

Result<Answer> create_version(Call& call) {
  if (!call.request.file) return Error{Outcome::invalid, "The body is empty: send the file."};
  const auto set = call.house.data.store().find(call.company, call.parameters[0], viewer_of(call));
  if (!set) return set.error();
  Intake intake;
  intake.data_set = set->id;
  intake.file_name = call.request.file->name();
  intake.body = call.request.file;
  return take_in(call, std::move(intake), answer_of_data_set(call));
}

Result<Answer> show_data_set(Call& call) {
  const auto set = call.house.data.store().find(call.company, call.parameters[0], viewer_of(call));
  if (!set) return set.error();
  return whole_answer(call.house, call.company, *set);
}

Result<Answer> change_data_set(Call& call) {
  Body body(call.request.body);
  const auto name = body.optional_text("name");
  const auto expiry = body.optional_text("expires_at");
  const auto sharing = sharing_of(body.optional_text("sharing"));
  const auto expires_at = expiry_of(expiry.value_or(""), call.house.clock.now());
  if (!expires_at) body.take(expires_at.error());
  if (!sharing) body.take(sharing.error());
  if (const auto fault = body.fault()) return *fault;
  datasets::Store& store = call.house.data.store();
  auto set = store.find(call.company, call.parameters[0], viewer_of(call));
  if (set && *sharing && !may_share(call, *set))
    return Answer::refused(403, "Only its owner or an administrator may share a data set.");
  if (set && *sharing) set = store.share(call.company, set->id, **sharing);
  if (set && name) set = store.rename(call.company, set->id, *name);
  // An empty text: never.
  if (set && expiry) set = store.set_expiry(call.company, set->id, *expires_at);
  if (!set) return set.error();
  return whole_answer(call.house, call.company, *set);
}

Result<Answer> remove_data_set(Call& call) {
  const std::string& id = call.parameters[0];
  if (auto set = call.house.data.store().find(call.company, id, viewer_of(call)); !set)
    return set.error();
  if (auto removed = call.house.data.store().remove(call.company, id); !removed)
    return removed.error();
  if (auto removed = call.house.charts.pins().remove_of(call.company, id); !removed)
    return removed.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api
