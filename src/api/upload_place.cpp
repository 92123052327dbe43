#include "api/upload_place.h"

#include <fmt/core.h>

#include "api/data_desk.h"
#include "api/data_set_json.h"
#include "api/query.h"

namespace cauce::api {
namespace {

using Place = std::variant<net::BodyTarget, Answer>;

std::string header_of(const Call& call, const char* name) {
  const auto found = call.request.headers.find(name);
  return found == call.request.headers.end() ? std::string{} : found->second;
}

// `?offset=` or the first byte of `Content-Range: bytes 100-199/1000`.
std::optional<std::uint64_t> first_byte(const Call& call) {
  const std::string offset = parameter(call, "offset");
  if (!offset.empty()) return number_of(offset);
  constexpr std::string_view unit = "bytes ";
  const std::string range = header_of(call, "content-range");
  if (!range.starts_with(unit)) return std::nullopt;
  const std::string_view rest = std::string_view(range).substr(unit.size());
  return number_of(rest.substr(0, rest.find('-')));
}

Result<Place> place_of_piece(const Call& call) {
  datasets::Uploads& uploads = call.house.data.uploads();
  const auto upload = uploads.find(call.company, call.parameters.back());
  if (!upload) return upload.error();
  const auto offset = uploads.offset(*upload);
  if (!offset) return offset.error();
  const auto first = first_byte(call);
  if (!first)
    return Error{Outcome::invalid,
                 "Say where the piece begins: ?offset=0, or Content-Range: bytes 0-99/1000."};
  if (*first != *offset) {
    Answer refusal =
        Answer::refused(409, fmt::format("The upload holds {} bytes: go on there.", *offset));
    refusal.members.set("offset", *offset);
    return Place(std::move(refusal));
  }
  return Place(net::BodyTarget{uploads.file(*upload), upload->bytes - *offset, *offset});
}

}  // namespace

Result<Place> upload_place(const Call& call, Extra extra) {
  if (extra == Extra::continues_file) return place_of_piece(call);
  DataDesk& data = call.house.data;
  // Refused before gigabytes have come, as far as can be told by now.
  const bool is_version = !call.parameters.empty();
  if (is_version) {
    if (auto set = data.store().find(call.company, call.parameters[0], viewer_of(call)); !set)
      return set.error();
  }
  const auto length = number_of(header_of(call, "content-length")).value_or(0);
  if (auto room = data.store().check_room(call.company, length, !is_version); !room)
    return Place(Answer::refused(409, room.error().message));
  return Place(net::BodyTarget{data.next_file(), data.options().upload_bytes_max, std::nullopt});
}

}  // namespace cauce::api
