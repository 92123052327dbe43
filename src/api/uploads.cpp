// Uploads in pieces, for large files and lines that break: begin, send pieces at the offset that
// the upload tells, and with the last byte it becomes a data set.
#include <fmt/core.h>

#include "api/body.h"
#include "api/data_set_json.h"
#include "api/handlers.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Result<Json> json_of(const Call& call, const datasets::Upload& upload) {
  const auto offset = call.house.data.uploads().offset(upload);
  if (!offset) return offset.error();
  const Time ends = upload.begun_at + call.house.data.options().uploads.span_max;
  return Json{{"id", upload.id},
              {"name", upload.name},
              {"dataset", upload.data_set.empty() ? Json() : Json(upload.data_set)},
              {"bytes", upload.bytes},
              {"offset", *offset},
              {"begun_at", format_time(upload.begun_at)},
              {"ends_at", format_time(ends)}};
}

Result<std::uint64_t> bytes_of(Body& body, std::uint64_t bytes_max) {
  const double bytes = body.number("bytes");
  if (bytes < 1 || bytes > double(bytes_max) || bytes != double(std::uint64_t(bytes)))
    return Error{Outcome::invalid,
                 fmt::format("\"bytes\" must be how large the file is: 1 to {}.", bytes_max)};
  return std::uint64_t(bytes);
}

}  // namespace

Result<Answer> begin_upload(Call& call) {
  DataDesk& data = call.house.data;
  Body body(call.request.body);
  datasets::Upload upload;
  upload.company = call.company;
  upload.owner = owner_of(call.caller);
  upload.file_name = body.text_or("file_name", "");
  upload.data_set = body.text_or("dataset", "");
  upload.name = body.text_or("name", upload.file_name.empty() ? "data" : upload.file_name);
  const std::string expires_at = body.text_or("expires_at", "");
  const auto bytes = bytes_of(body, data.options().upload_bytes_max);
  if (const auto fault = body.fault()) return *fault;
  if (!bytes) return bytes.error();
  upload.bytes = *bytes;
  if (!expires_at.empty()) {
    const auto time = parse_time(expires_at);
    if (!time || *time <= call.house.clock.now())
      return Error{Outcome::invalid, "\"expires_at\" must be a time to come."};
    upload.expires_at = *time;
  }
  if (auto fits = data.store().check_name(upload.name); !fits) return fits.error();
  if (!upload.data_set.empty()) {
    if (auto set = data.store().find(call.company, upload.data_set, viewer_of(call)); !set)
      return set.error();
  }
  const bool is_new = upload.data_set.empty();
  if (auto room = data.store().check_room(call.company, upload.bytes, is_new); !room)
    return Answer::refused(409, room.error().message);
  const auto begun = data.uploads().begin(upload, call.house.clock.now());
  if (!begun && begun.error().outcome == Outcome::exhausted)
    return Answer::refused(409, begun.error().message);
  if (!begun) return begun.error();
  const auto json = json_of(call, *begun);
  if (!json) return json.error();
  Answer told = answer(201, *json);
  told.headers.emplace_back("Location", "/api/v1/uploads/" + begun->id);
  return told;
}

Result<Answer> show_upload(Call& call) {
  const auto upload = call.house.data.uploads().find(call.company, call.parameters[0]);
  if (!upload) return upload.error();
  const auto json = json_of(call, *upload);
  if (!json) return json.error();
  return answer(200, *json);
}

Result<Answer> continue_upload(Call& call) {
  const auto upload = call.house.data.uploads().find(call.company, call.parameters[0]);
  if (!upload) return upload.error();
  const auto offset = call.house.data.uploads().offset(*upload);
  if (!offset) return offset.error();
  if (*offset < upload->bytes) {
    const auto json = json_of(call, *upload);
    if (!json) return json.error();
    return answer(200, *json);
  }
  if (!call.house.data.uploads().claim(*upload))
    return Answer::refused(409, "This upload is complete and being taken in.");
  Intake intake;
  intake.name = upload->name;
  intake.data_set = upload->data_set;
  intake.expires_at = upload->expires_at;
  intake.file_name = upload->file_name;
  intake.upload = *upload;
  auto taken = take_in(call, std::move(intake), answer_of_data_set(call));
  if (!taken) call.house.data.uploads().release(*upload);
  return taken;
}

Result<Answer> remove_upload(Call& call) {
  const auto upload = call.house.data.uploads().find(call.company, call.parameters[0]);
  if (!upload) return upload.error();
  call.house.data.uploads().remove(*upload);
  return Answer{.status = 204};
}

}  // namespace cauce::api
