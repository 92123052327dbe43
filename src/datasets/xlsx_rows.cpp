#include "datasets/xlsx_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <deque>

#include "datasets/xlsx_parts.h"

namespace cauce::datasets {

namespace {

constexpr std::uint64_t rows_max = 1u << 20;  // what a spreadsheet can hold
constexpr std::size_t cell_bytes_max = 1u << 20;

// The column of a reference as "BC12", counted from 0; `otherwise` when there is none.
std::size_t column_of(std::string_view reference, std::size_t otherwise) {
  std::size_t column = 0;
  for (const char letter : reference.substr(0, 4)) {
    if (letter < 'A' || letter > 'Z') break;
    column = column * 26 + std::size_t(letter - 'A' + 1);
  }
  return column == 0 ? otherwise : column - 1;
}

std::uint64_t whole_number(std::string_view text, std::uint64_t otherwise) {
  std::uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  return status == std::errc{} && !text.empty() ? number : otherwise;
}

// A row as the sheet stores it: cells that hold something. Rows wait in this form, because one
// cell far to the right would make a row of thousands.
struct SparseRow {
  std::uint64_t number = 0;
  std::vector<std::pair<std::size_t, std::string>> cells;  // column and value

  std::size_t columns() const {
    std::size_t count = 0;
    for (const auto& [column, value] : cells) {
      count = std::max(count, column + 1);
    }
    return count;
  }
};

// xl/worksheets/…: <row r><c r t s><v> or <is><t>. Complete rows queue up until they are taken.
class SheetListener final : public XmlListener {
 public:
  SheetListener(const Workbook& workbook, std::size_t columns_max)
      : workbook_(workbook), columns_max_(columns_max) {}

  std::deque<SparseRow> rows;
  std::string failure;

  void begins(std::string_view element, const Attribute& attribute) override {
    if (element == "row") {
      const std::uint64_t number = whole_number(attribute("r"), row_.number + 1);
      row_.cells.clear();
      next_column_ = 0;
      if (number <= row_.number || number > rows_max) {
        failure = fmt::format("row {} stands behind row {}", number, row_.number);
      }
      row_.number = number;
    } else if (element == "c") {
      column_ = column_of(attribute("r"), next_column_);
      next_column_ = column_ + 1;
      kind_ = attribute("t");
      style_ = std::size_t(whole_number(attribute("s"), 0));
      text_.clear();
    }
    inside_ = element == "v" || element == "t";
  }

  void text(std::string_view letters) override {
    if (!inside_) return;
    text_ += letters;
    if (text_.size() <= cell_bytes_max) return;
    failure = fmt::format("a cell of row {} has more than {} bytes", row_.number, cell_bytes_max);
  }

  void ends(std::string_view element) override {
    inside_ = false;
    if (element == "c") end_cell();
    if (element == "row" && !row_.cells.empty()) rows.push_back(row_);
  }

 private:
  void end_cell() {
    if (text_.empty()) return;
    if (column_ >= columns_max_ || row_.cells.size() >= columns_max_) {
      failure =
          fmt::format("row {} has more than {} columns, the limit", row_.number, columns_max_);
      return;
    }
    row_.cells.emplace_back(column_, value());
  }

  std::string value() {
    if (kind_ == "s") {
      const std::uint64_t index = whole_number(text_, workbook_.strings.size());
      if (index < workbook_.strings.size()) return workbook_.strings[index];
      failure = fmt::format("row {} names the text {}, which the workbook does not have",
                            row_.number, text_);
      return {};
    }
    if (kind_ == "b") return text_ == "1" ? "true" : "false";
    const bool is_number = kind_.empty() || kind_ == "n";
    if (!is_number || style_ >= workbook_.date_styles.size() || !workbook_.date_styles[style_]) {
      return text_;
    }
    double serial = 0;
    const auto [end, status] = std::from_chars(text_.data(), text_.data() + text_.size(), serial);
    const std::string date =
        status == std::errc{} ? date_of_serial(serial, workbook_.from_1904) : std::string{};
    return date.empty() ? text_ : date;
  }

  const Workbook& workbook_;
  const std::size_t columns_max_;
  SparseRow row_;
  std::size_t column_ = 0;
  std::size_t next_column_ = 0;  // of a cell that does not say where it stands
  std::string kind_;
  std::size_t style_ = 0;
  std::string text_;
  bool inside_ = false;
};

class XlsxTextRows final : public TextRows {
 public:
  static Result<std::unique_ptr<TextRows>> open(const std::filesystem::path& file,
                                                const XlsxLimits& limits) {
    Result<std::unique_ptr<XlsxArchive>> archive = XlsxArchive::open(file);
    if (!archive) return archive.error();
    Result<Workbook> workbook = read_workbook(**archive, limits);
    if (!workbook) return workbook.error();
    auto rows = std::unique_ptr<XlsxTextRows>(
        new XlsxTextRows(std::move(*archive), std::move(*workbook), limits));
    Result<std::unique_ptr<XmlPart>> sheet = rows->archive_->open_part(
        rows->workbook_.first_sheet, limits.sheet_bytes_max, rows->listener_);
    if (!sheet) return sheet.error();
    rows->sheet_ = std::move(*sheet);
    return std::unique_ptr<TextRows>(std::move(rows));
  }

  Result<bool> next(TextRow& row) override {
    while (listener_.rows.empty()) {
      if (ended_) return false;
      const Result<bool> more = sheet_->read_piece();
      if (!more) return more.error();
      if (!listener_.failure.empty()) {
        return Error{Outcome::invalid, "the sheet is damaged: " + listener_.failure};
      }
      ended_ = !*more;
    }
    const SparseRow& stored = listener_.rows.front();
    // Empty cells at the end of a row are not stored. More cells than the header has are left in
    // their place: the reader refuses them.
    const std::size_t columns = stored.columns();
    if (columns_ == 0) columns_ = columns;
    row.number = stored.number;
    row.cells.assign(std::max(columns, columns_), std::nullopt);
    for (const auto& [column, value] : stored.cells) {
      row.cells[column] = value;
    }
    listener_.rows.pop_front();
    return true;
  }

 private:
  XlsxTextRows(std::unique_ptr<XlsxArchive> archive, Workbook workbook, const XlsxLimits& limits)
      : archive_(std::move(archive)),
        workbook_(std::move(workbook)),
        listener_(workbook_, limits.columns_max) {}

  const std::unique_ptr<XlsxArchive> archive_;
  const Workbook workbook_;
  SheetListener listener_;
  std::unique_ptr<XmlPart> sheet_;
  bool ended_ = false;
  std::size_t columns_ = 0;  // of the header; 0: not yet seen
};

}  // namespace

std::string date_of_serial(double serial, bool from_1904) {
  constexpr double serial_max = 2'958'466;  // the day after 9999-12-31
  if (!(serial >= 1) || serial >= serial_max) return {};
  using namespace std::chrono;
  const sys_days first =
      from_1904 ? sys_days{year{1904} / January / 1} : sys_days{year{1899} / December / 30};
  // The calendar from 1900 counts a 29 February 1900 (60) that never was.
  const double shift = !from_1904 && serial < 60 ? 1 : 0;
  const double whole = std::floor(serial);
  const auto clock = milliseconds(std::llround((serial - whole) * 86'400'000));
  const sys_time<milliseconds> time = first + days{int(whole + shift)} + clock;
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  std::string text = fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()),
                                 unsigned(date.day()));
  const hh_mm_ss<milliseconds> rest{time - day};
  if ((time - day).count() == 0) return text;
  text += fmt::format("T{:02}:{:02}:{:02}", rest.hours().count(), rest.minutes().count(),
                      rest.seconds().count());
  if (rest.subseconds().count() != 0) text += fmt::format(".{:03}", rest.subseconds().count());
  return text;
}

Result<std::unique_ptr<FileTable>> open_xlsx(const std::filesystem::path& file,
                                             const csv::CsvOptions& options, Report* failure,
                                             const XlsxLimits& limits) {
  return open_text_rows([file, limits] { return XlsxTextRows::open(file, limits); }, options,
                        {.format = "XLSX", .place = "row", .header_number = 1, .texts = {}},
                        failure);
}

}  // namespace cauce::datasets
