// How data sets are told, and taken in: what data_sets.cpp, uploads.cpp and original_charts.cpp
// share.
#pragma once

#include <functional>
#include <string>

#include "api/data_desk.h"
#include "api/json.h"

namespace cauce::api {

Json json_of(const datasets::DataSet& set);  // as a list shows it

// With its versions, the columns of the latest version and its first rows.
Result<Answer> whole_answer(const House& house, const std::string& company,
                            const datasets::DataSet& set);

// whole_answer for Intake::done, later and on another thread.
std::function<Result<Answer>(const datasets::DataSet&)> answer_of_data_set(const Call& call);

// Whose it is: the user, or the title of the token.
std::string owner_of(const Caller& caller);

// As whom the caller sees data sets: administrators and links to charts see all of the company's.
datasets::Viewer viewer_of(const Call& call);

// "company" or "private".
std::string_view name_of(datasets::Sharing sharing);

// Hands the file to the desk; the caller gets what `answer_of` makes of the data set, or the
// refusal.
Result<Answer> take_in(Call& call, Intake intake,
                       std::function<Result<Answer>(const datasets::DataSet&)> answer_of);

}  // namespace cauce::api
