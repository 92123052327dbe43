#include "api/data_set_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "datasets/notes.h"

namespace cauce::api {
namespace {

using Parsed = nlohmann::ordered_json;

Json json_of_version(const datasets::Version& version) {
  return {{"number", version.number},
          {"bytes", version.bytes},
          {"sha256", version.sha256},
          {"file_name", version.file_name},
          {"owner", version.owner},
          {"rows", version.rows},
          {"created_at", format_time(version.created_at)}};
}

Json all_of(const std::vector<datasets::Version>& versions) {
  Json array = Json::array();
  for (const datasets::Version& version : versions) {
    array.push_back(json_of_version(version));
  }
  return array;
}

bool is_whole(const Parsed& summary) {
  for (const char* member : {"columns", "head", "notes"}) {
    if (!summary.is_object() || !summary.contains(member)) return false;
  }
  const Parsed& notes = summary["notes"];
  return notes.is_array() && std::all_of(notes.begin(), notes.end(),
                                         [](const Parsed& note) { return note.is_string(); });
}

Json in_two_languages(const Parsed& notes) {
  Json array = Json::array();
  for (const Parsed& note : notes) {
    const auto english = note.get<std::string>();
    array.push_back(
        {{"en", english}, {"es", datasets::note_in_spanish(english).value_or(english)}});
  }
  return array;
}

Result<Json> whole_json(datasets::Store& store, const std::string& company,
                        const datasets::DataSet& set) {
  const auto text = store.summary(company, set, set.latest());
  if (!text) return text.error();
  const auto summary = Parsed::parse(*text, nullptr, false);
  if (!is_whole(summary))
    return Error{Outcome::corrupt, "the summary of the data set " + set.id + " is damaged"};
  Json json = json_of(set);
  json.set("versions", all_of(set.versions));
  json.set("columns", Json::written(summary["columns"].dump()));
  json.set("head", Json::written(summary["head"].dump()));
  json.set("notes", in_two_languages(summary["notes"]));
  return json;
}

}  // namespace

Json json_of(const datasets::DataSet& set) {
  return {{"id", set.id},
          {"name", set.name},
          {"owner", set.owner},
          {"sharing", name_of(set.sharing)},
          {"created_at", format_time(set.created_at)},
          {"expires_at", json_of(set.expires_at)},
          {"version", set.latest().number},
          {"rows", set.latest().rows},
          {"bytes", set.latest().bytes}};
}

Result<Answer> whole_answer(const House& house, const std::string& company,
                            const datasets::DataSet& set) {
  const auto json = whole_json(house.data.store(), company, set);
  if (!json) return json.error();
  return answer(200, *json);
}

std::function<Result<Answer>(const datasets::DataSet&)> answer_of_data_set(const Call& call) {
  return [&store = call.house.data.store(),
          company = call.company](const datasets::DataSet& set) -> Result<Answer> {
    const auto json = whole_json(store, company, set);
    if (!json) return json.error();
    Answer told = answer(201, *json);
    told.headers.emplace_back("Location", "/api/v1/datasets/" + set.id);
    return told;
  };
}

std::string owner_of(const Caller& caller) {
  return caller.user.empty() ? caller.title : caller.user;
}

datasets::Viewer viewer_of(const Call& call) {
  const bool is_administrator = call.caller.access == business::Access::owner;
  return {.name = owner_of(call.caller), .sees_all = is_administrator || call.caller.by_link};
}

std::string_view name_of(datasets::Sharing sharing) {
  return sharing == datasets::Sharing::owner ? "private" : "company";
}

Result<Answer> take_in(Call& call, Intake intake,
                       std::function<Result<Answer>(const datasets::DataSet&)> answer_of) {
  intake.company = call.company;
  intake.owner = owner_of(call.caller);
  intake.done = [finish = call.finish,
                 answer_of = std::move(answer_of)](const Result<datasets::DataSet>& made) {
    finish(made ? answer_of(*made) : Result<Answer>(made.error()));
  };
  intake.refused = [finish = call.finish](Answer refusal) { finish(std::move(refusal)); };
  if (!call.house.data.ask(std::move(intake)))
    return Error{Outcome::exhausted, "as many uploads wait as may"};
  return Answer::deferred();
}

}  // namespace cauce::api
