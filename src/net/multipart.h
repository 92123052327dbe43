// A form with a file in it as it comes over the wire (multipart/form-data, RFC 7578 and RFC 2046
// section 5.1), taken apart piece by piece: constant memory, however large the file. No input and
// no output of its own.
//
//   auto boundary = form_boundary(content_type);
//   FormReader reader(*boundary, [&](BytesView bytes) { return file.append(bytes); });
//   for (each piece) reader.take(piece);
//   reader.finish();
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::net {

// The boundary that a Content-Type names; nullopt when it is no multipart/form-data or has none of
// 1 to 70 characters.
std::optional<std::string> form_boundary(std::string_view content_type);

struct FormLimits {
  std::size_t fields_max = 16;            // besides the file
  std::size_t field_bytes_max = 8 << 10;  // of one field's value
  std::size_t head_bytes_max = 8 << 10;  // the headers of one part, or what stands before the first
};

class FormReader {
 public:
  // `file` is given the bytes of the one part that has a file name, in order; what it answers other
  // than success is handed on.
  using TakeFile = std::function<Result<void>(BytesView bytes)>;
  FormReader(std::string_view boundary, TakeFile file, FormLimits limits = {});

  // invalid: this is no such form, or beyond a limit; says which. Nothing is taken afterwards.
  Result<void> take(BytesView bytes);
  // At the end of the body. invalid: it ended in the middle, or no part was a file.
  Result<void> finish() const;

  // As the client gave it: any text. Empty until its part began.
  const std::string& file_name() const { return file_name_; }
  const std::map<std::string, std::string>& fields() const { return fields_; }

 private:
  enum class Where { before_first, after_delimiter, head, content, behind_last };

  // One move each; false when more bytes are needed.
  Result<bool> skip_to_first();
  Result<bool> read_delimiter_end();
  Result<bool> read_head();
  Result<bool> read_content();
  Result<void> begin_part(std::string_view head);
  Result<void> give(BytesView bytes);

  const std::string delimiter_;  // CRLF, two dashes, the boundary
  const TakeFile file_;
  const FormLimits limits_;
  Where where_ = Where::before_first;
  Bytes rest_ = "\r\n";  // not taken apart yet; a delimiter may stand at the very beginning
  bool in_file_ = false;
  bool has_file_ = false;
  std::string field_;  // the name of the part being read
  std::string file_name_;
  std::map<std::string, std::string> fields_;
};

}  // namespace cauce::net
