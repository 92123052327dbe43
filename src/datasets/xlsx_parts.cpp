#include "datasets/xlsx_parts.h"

#include <expat.h>
#include <fmt/core.h>
#include <zip.h>

#include <array>
#include <cstring>

namespace cauce::datasets {

namespace {

std::string_view without_prefix(std::string_view name) {
  const std::size_t colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

class ExpatPart final : public XmlPart {
 public:
  ExpatPart(zip_file_t* file, std::string name, std::uint64_t bytes_max, XmlListener& listener)
      : file_(file),
        name_(std::move(name)),
        bytes_max_(bytes_max),
        listener_(listener),
        parser_(XML_ParserCreate(nullptr)) {
    INVARIANT(parser_ != nullptr);
    XML_SetUserData(parser_, this);
    XML_SetElementHandler(parser_, begins, ends);
    XML_SetCharacterDataHandler(parser_, text);
    XML_SetStartDoctypeDeclHandler(parser_, doctype);
  }
  ExpatPart(const ExpatPart&) = delete;
  ExpatPart& operator=(const ExpatPart&) = delete;
  ~ExpatPart() override {
    XML_ParserFree(parser_);
    zip_fclose(file_);
  }

  Result<bool> read_piece() override {
    std::array<char, 32u << 10> piece;
    const zip_int64_t bytes = zip_fread(file_, piece.data(), piece.size());
    if (bytes < 0) return wrong("is damaged");
    read_ += std::uint64_t(bytes);
    if (read_ > bytes_max_) {
      return wrong(fmt::format("has more than {} bytes unpacked, the limit", bytes_max_));
    }
    const bool is_last = bytes == 0;
    if (XML_Parse(parser_, piece.data(), int(bytes), is_last ? 1 : 0) != XML_STATUS_OK) {
      return wrong(fmt::format("is not well-formed XML in line {}: {}",
                               XML_GetCurrentLineNumber(parser_),
                               XML_ErrorString(XML_GetErrorCode(parser_))));
    }
    return !is_last;
  }

 private:
  Error wrong(const std::string& what) const {
    return {Outcome::invalid, fmt::format("the workbook's part {} {}", name_, what)};
  }

  static void XMLCALL begins(void* self, const XML_Char* name, const XML_Char** attributes) {
    static_cast<ExpatPart*>(self)->listener_.begins(
        without_prefix(name), [attributes](std::string_view wanted) -> std::string_view {
          for (const XML_Char** pair = attributes; *pair != nullptr; pair += 2) {
            if (wanted == pair[0]) return pair[1];
          }
          return {};
        });
  }
  static void XMLCALL ends(void* self, const XML_Char* name) {
    static_cast<ExpatPart*>(self)->listener_.ends(without_prefix(name));
  }
  static void XMLCALL text(void* self, const XML_Char* letters, int count) {
    static_cast<ExpatPart*>(self)->listener_.text({letters, std::size_t(count)});
  }
  // No workbook has one; with it entities could blow a text up.
  static void XMLCALL doctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    XML_StopParser(static_cast<ExpatPart*>(self)->parser_, XML_FALSE);
  }

  zip_file_t* const file_;
  const std::string name_;
  const std::uint64_t bytes_max_;
  XmlListener& listener_;
  const XML_Parser parser_;
  std::uint64_t read_ = 0;
};

// xl/workbook.xml: the first sheet's relation, and the calendar.
class WorkbookListener final : public XmlListener {
 public:
  std::string relation;
  bool from_1904 = false;

  void begins(std::string_view element, const Attribute& attribute) override {
    if (element == "sheet" && relation.empty()) relation = attribute("r:id");
    if (element == "workbookPr") {
      from_1904 = attribute("date1904") == "1" || attribute("date1904") == "true";
    }
  }
  void ends(std::string_view) override {}
  void text(std::string_view) override {}
};

// xl/_rels/workbook.xml.rels: where the relation leads.
class RelationsListener final : public XmlListener {
 public:
  explicit RelationsListener(std::string relation) : relation_(std::move(relation)) {}
  std::string target;

  void begins(std::string_view element, const Attribute& attribute) override {
    if (element == "Relationship" && attribute("Id") == relation_) target = attribute("Target");
  }
  void ends(std::string_view) override {}
  void text(std::string_view) override {}

 private:
  const std::string relation_;
};

// xl/sharedStrings.xml: <si> holds <t>, or runs <r><t>; <rPh> is how to pronounce it.
class StringsListener final : public XmlListener {
 public:
  std::vector<std::string> strings;

  void begins(std::string_view element, const Attribute&) override {
    if (element == "si") strings.emplace_back();
    if (element == "rPh") pronounced_ = true;
    inside_ = element == "t";
  }
  void ends(std::string_view element) override {
    if (element == "rPh") pronounced_ = false;
    inside_ = false;
  }
  void text(std::string_view letters) override {
    if (inside_ && !pronounced_ && !strings.empty()) strings.back() += letters;
  }

 private:
  bool inside_ = false;
  bool pronounced_ = false;
};

// True when a format shows a day: a letter d, m or y outside quotes and brackets, and a day or a
// year among them (m alone may be minutes).
bool shows_day(std::string_view format) {
  bool quoted = false;
  bool bracketed = false;
  for (std::size_t at = 0; at < format.size(); ++at) {
    const char letter = char(format[at] | 0x20);
    if (format[at] == '"') quoted = !quoted;
    if (quoted) continue;
    if (format[at] == '\\' || format[at] == '_' || format[at] == '*') {
      ++at;
      continue;
    }
    if (format[at] == '[') bracketed = true;
    if (format[at] == ']') bracketed = false;
    if (!bracketed && (letter == 'd' || letter == 'y')) return true;
  }
  return false;
}

// xl/styles.xml: the formats of its own, and the format of each style of cells.
class StylesListener final : public XmlListener {
 public:
  std::vector<bool> date_styles;

  void begins(std::string_view element, const Attribute& attribute) override {
    if (element == "numFmt" && shows_day(attribute("formatCode"))) {
      day_formats_.push_back(std::string(attribute("numFmtId")));
    }
    if (element == "cellXfs") inside_ = true;
    if (element == "xf" && inside_) date_styles.push_back(is_day(attribute("numFmtId")));
  }
  void ends(std::string_view element) override {
    if (element == "cellXfs") inside_ = false;
  }
  void text(std::string_view) override {}

 private:
  // 14 to 17 and 22 are the built-in formats with a day (ECMA-376 part 1, 18.8.30).
  bool is_day(std::string_view format) const {
    for (const std::string_view known : {"14", "15", "16", "17", "22"}) {
      if (format == known) return true;
    }
    for (const std::string& own : day_formats_) {
      if (format == own) return true;
    }
    return false;
  }

  std::vector<std::string> day_formats_;
  bool inside_ = false;
};

}  // namespace

Result<std::unique_ptr<XlsxArchive>> XlsxArchive::open(const std::filesystem::path& file) {
  int code = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_RDONLY, &code);
  if (archive != nullptr) return std::unique_ptr<XlsxArchive>(new XlsxArchive(archive));
  zip_error_t failure;
  zip_error_init_with_code(&failure, code);
  const std::string reason = zip_error_strerror(&failure);
  zip_error_fini(&failure);
  return Error{Outcome::invalid, fmt::format("{} is no workbook: {}", file.string(), reason)};
}

XlsxArchive::~XlsxArchive() {
  zip_discard(archive_);
}

bool XlsxArchive::has(const std::string& part) const {
  return zip_name_locate(archive_, part.c_str(), 0) >= 0;
}

Result<std::unique_ptr<XmlPart>> XlsxArchive::open_part(const std::string& part,
                                                        std::uint64_t bytes_max,
                                                        XmlListener& listener) {
  zip_file_t* file = zip_fopen(archive_, part.c_str(), 0);
  if (file == nullptr) {
    return Error{Outcome::invalid,
                 fmt::format("the workbook's part {} cannot be read: {}; is this an XLSX file?",
                             part, zip_strerror(archive_))};
  }
  return std::unique_ptr<XmlPart>(std::make_unique<ExpatPart>(file, part, bytes_max, listener));
}

Result<void> XlsxArchive::read_part(const std::string& part, std::uint64_t bytes_max,
                                    XmlListener& listener) {
  const Result<std::unique_ptr<XmlPart>> opened = open_part(part, bytes_max, listener);
  if (!opened) return opened.error();
  for (;;) {
    const Result<bool> more = (*opened)->read_piece();
    if (!more) return more.error();
    if (!*more) return {};
  }
}

Result<Workbook> read_workbook(XlsxArchive& archive, const XlsxLimits& limits) {
  WorkbookListener book;
  Result<void> done = archive.read_part("xl/workbook.xml", limits.part_bytes_max, book);
  if (!done) return done.error();
  RelationsListener relations{book.relation};
  done = archive.read_part("xl/_rels/workbook.xml.rels", limits.part_bytes_max, relations);
  if (!done) return done.error();
  if (relations.target.empty()) return Error{Outcome::invalid, "the workbook has no sheet"};
  Workbook workbook;
  workbook.from_1904 = book.from_1904;
  const bool is_absolute = relations.target[0] == '/';
  workbook.first_sheet = is_absolute ? relations.target.substr(1) : "xl/" + relations.target;
  if (archive.has("xl/sharedStrings.xml")) {
    StringsListener strings;
    done = archive.read_part("xl/sharedStrings.xml", limits.strings_bytes_max, strings);
    if (!done) return done.error();
    workbook.strings = std::move(strings.strings);
  }
  if (archive.has("xl/styles.xml")) {
    StylesListener styles;
    done = archive.read_part("xl/styles.xml", limits.part_bytes_max, styles);
    if (!done) return done.error();
    workbook.date_styles = std::move(styles.date_styles);
  }
  return workbook;
}

}  // namespace cauce::datasets
