// A file that is no table, or cells that are not what their column is, as the answer to whoever
// sent it.
#pragma once

#include "api/call.h"
#include "datasets/file_table.h"

namespace cauce::api {

constexpr std::size_t faults_shown_max = 20;

// 422 with the sentence, and as members `errors` (the first faults by line, column and value) and
// `error_count` (all of them), and the sentence as `text` in both languages where there is one.
// `report`: of the file, when there is one.
Answer answer_of_faults(const Error& error, const datasets::Report* report);

}  // namespace cauce::api
