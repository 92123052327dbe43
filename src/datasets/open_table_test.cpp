#include "datasets/open_table.h"

#include <doctest/doctest.h>
#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include <cmath>
#include <fstream>

#include "datasets/summary.h"
#include "datasets/xlsx_parts.h"
#include "table/table.h"

namespace cauce::datasets {

namespace {

using columns::Type;

// A folder for the files of one test, gone with it.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "datasetsXXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::filesystem::path file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path_ / name, std::ios::binary) << bytes;
    return path_ / name;
  }
  std::filesystem::path path(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct Read {
  Summary summary;
  Report report;
};

Result<Read> read(const std::filesystem::path& file, const TableOptions& options = {}) {
  const Result<std::unique_ptr<FileTable>> table = open_table(file, options);
  if (!table) return table.error();
  Result<Summary> summary = summarize(**table, 100);
  if (!summary) return summary.error();
  return Read{*summary, (*table)->report()};
}

Read read_well(const std::filesystem::path& file) {
  Result<Read> answer = read(file);
  if (!answer) FAIL(answer.error().message);
  return *answer;
}

using Head = std::vector<std::vector<HeadCell>>;

HeadCell text(std::string value) {
  return value;
}

TEST_CASE("JSON Lines and an array of objects are the same table") {
  const Folder folder;
  const Head expected{{1.0, text("x,\n\"y\" "), HeadCell{}, true, HeadCell{}},
                      {2.5, HeadCell{}, text("[1,{\"b\":null}]"), false, HeadCell{}},
                      {-3.0, text("Orléans"), HeadCell{}, HeadCell{}, text("late")}};
  const std::string first = R"({"v":1,"t":"x,\n\"y\" ","n":null,"f":true})";
  const std::string second = R"({"v":2.5,"t":null,"n":[1,{"b":null}],"f":false})";
  const std::string third = R"({"v":-3,"t":"Orl\u00e9ans","z":"late"})";
  const Read lines = read_well(folder.file("a", first + "\n\n" + second + "\r\n" + third));
  const Read array =
      read_well(folder.file("b", "[" + first + " ,\n" + second + "," + third + "]\n"));
  for (const Read& answer : {lines, array}) {
    CHECK(answer.summary.head == expected);
    CHECK(answer.summary.columns[0].name == "v");
    CHECK(answer.summary.columns[0].type == Type::number);
    CHECK(answer.summary.columns[3].type == Type::boolean);
    CHECK(answer.summary.columns[4].name == "z");
  }
  CHECK(lines.report.format == "JSON Lines");
  CHECK(array.report.format == "JSON");
}

TEST_CASE("a key or a text of JSON that begins with a byte order mark keeps it") {
  const Folder folder;
  const Read answer = read_well(folder.file("a", "{\"\xEF\xBB\xBF\":\"\xEF\xBB\xBFx\"}"));
  CHECK(answer.summary.columns[0].name == "\xEF\xBB\xBF");
  CHECK(answer.summary.head == Head{{text("\xEF\xBB\xBFx")}});
}

TEST_CASE("a wrong value of JSON is named by its line, or its row of an array") {
  const Folder folder;
  std::string lines;
  std::string array = "[";
  for (int row = 1; row <= 30; ++row) {
    const std::string object = "{\"v\":" + std::string(row == 20 ? "\"abc\"" : "7") + "}";
    lines += object + (row == 10 ? "\n\n" : "\n");
    array += (row == 1 ? "" : ",") + object;
  }
  CHECK(read(folder.file("a", lines)).error().message.starts_with("line 21, column v: \"abc\" is"));
  CHECK(
      read(folder.file("b", array + "]")).error().message.starts_with("row 20, column v: \"abc\""));
}

TEST_CASE("JSON that is none is refused with its place") {
  const Folder folder;
  const auto refusal = [&](const std::string& bytes) {
    const Result<Read> answer = read(folder.file("a", bytes));
    REQUIRE(!answer);
    return answer.error().message;
  };
  CHECK(refusal("{\"v\":1}\n{\"v\":}\n") == "line 2 is not JSON");
  CHECK(refusal("{\"v\":1}\n[1]\n") == "line 2 does not begin with {, as an object does");
  CHECK(refusal("{\"v\":1} {\"v\":2}\n") == "line 1 holds a second object; JSON Lines hold one");
  CHECK(refusal("{\"v\":\n1}\n") ==
        "line 2 ends an object that began earlier; JSON Lines hold one object a line");
  CHECK(refusal("[{\"v\":1},{\"v\":2}") == "the JSON is cut off: its end is missing");
  CHECK(refusal("[{\"v\":1} {\"v\":2}]") == "row 2 does not begin with {, as an object does");
  CHECK(refusal("[{\"v\":1},]") == "row 2 does not begin with {, as an object does");
  CHECK(refusal("[]") == "file is empty");
}

TEST_CASE("a packed file is read as what is in it") {
  const Folder folder;
  const std::filesystem::path file = folder.path("a");
  for (const std::string content :
       {"v,t\n1,x\n2,y\n", "{\"v\":1,\"t\":\"x\"}\n{\"v\":2,\"t\":\"y\"}\n"}) {
    gzFile packed = gzopen(file.c_str(), "wb");
    REQUIRE(gzwrite(packed, content.data(), unsigned(content.size())) == int(content.size()));
    gzclose(packed);
    CHECK(read_well(file).summary.head == Head{{1.0, text("x")}, {2.0, text("y")}});
  }
}

TEST_CASE("a Parquet file keeps its types") {
  const Folder folder;
  const std::filesystem::path file = folder.path("strange [name]*.parquet");
  const Result<std::unique_ptr<table::Engine>> engine = table::Engine::open({});
  REQUIRE(engine);
  const Result<std::uint64_t> rows = (*engine)->write_parquet(
      "SELECT i + 0.25::DOUBLE AS v, '0' || i AS code, CASE WHEN i = 1 THEN NULL ELSE 'a\"b' END "
      "AS "
      "t, DATE '2024-02-28' + i::INTEGER AS d, i % 2 = 0 AS f, i::VARCHAR AS digits, TIMESTAMP "
      "'2024-02-28 10:00:00' AS m FROM range(3) AS rows(i)",
      file);
  REQUIRE(rows);
  const Read answer = read_well(file);
  CHECK(answer.summary.rows == 3);
  const std::vector<Type> types{Type::number,  Type::text, Type::text,    Type::date,
                                Type::boolean, Type::text, Type::datetime};
  for (std::size_t column = 0; column < types.size(); ++column) {
    CHECK(answer.summary.columns[column].type == types[column]);
  }
  CHECK(answer.summary.head[1] == std::vector<HeadCell>{1.25, text("01"), HeadCell{},
                                                        text("2024-02-29"), false, text("1"),
                                                        text("2024-02-28T10:00:00Z")});
  CHECK(answer.report.format == "Parquet");
}

// A workbook of these parts.
std::filesystem::path workbook(const Folder& folder, const std::string& sheet,
                               const std::string& strings) {
  const std::filesystem::path file = folder.path("a.xlsx");
  std::filesystem::remove(file);
  const std::vector<std::pair<std::string, std::string>> parts{
      {"xl/workbook.xml",
       "<workbook xmlns:r='r'><sheets><sheet name='S' sheetId='1' "
       "r:id='rId7'/></sheets></workbook>"},
      {"xl/_rels/workbook.xml.rels",
       "<Relationships><Relationship Id='rId7' Target='worksheets/sheet9.xml'/></Relationships>"},
      {"xl/styles.xml",
       "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd\\-mm\\-yyyy'/></numFmts>"
       "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>"},
      {"xl/sharedStrings.xml", strings},
      {"xl/worksheets/sheet9.xml", sheet}};
  int code = 0;
  zip_t* archive = zip_open(file.c_str(), ZIP_CREATE, &code);
  REQUIRE(archive != nullptr);
  for (const auto& [name, text] : parts) {
    zip_source_t* source = zip_source_buffer(archive, text.data(), text.size(), 0);
    REQUIRE(zip_file_add(archive, name.c_str(), source, 0) >= 0);
  }
  REQUIRE(zip_close(archive) == 0);
  return file;
}

constexpr const char* three_strings =
    "<sst><si><t>name</t></si><si><r><t>a </t></r><r><t>b</t></r><rPh><t>no</t></rPh></si>"
    "<si><t>007</t></si></sst>";

TEST_CASE("the first sheet of a workbook is read with its texts, dates and gaps") {
  const Folder folder;
  const Read answer = read_well(workbook(
      folder,
      "<worksheet><sheetData>"
      "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' t='inlineStr'><is><t>v</t></is></c>"
      "<c r='C2' t='str'><v>day</v></c></row>"
      "<row r='3'><c r='A3' t='s'><v>1</v></c><c r='B3'><v>0.1</v></c><c r='C3' "
      "s='1'><v>45351</v></c>"
      "</row>"
      "<row r='6'><c r='A6' t='s'><v>2</v></c><c r='C6' s='2'><v>45352</v></c></row>"
      "</sheetData></worksheet>",
      three_strings));
  CHECK(answer.summary.head == Head{{text("a b"), 0.1, text("2024-02-29")},
                                    {text("007"), HeadCell{}, text("2024-03-01")}});
  CHECK(answer.summary.columns[2].type == Type::date);
  CHECK(answer.report.format == "XLSX");
}

TEST_CASE("a wrong cell of a workbook is named by its row there") {
  const Folder folder;
  std::string sheet = "<worksheet><sheetData><row r='1'><c t='str'><v>v</v></c></row>";
  for (int row = 3; row < 40; ++row) {
    sheet += "<row r='" + std::to_string(row) + "'><c" +
             (row == 30 ? " t='str'><v>abc" : "><v>" + std::to_string(row)) + "</v></c></row>";
  }
  const Result<Read> answer =
      read(workbook(folder, sheet + "</sheetData></worksheet>", three_strings));
  REQUIRE(!answer);
  CHECK(answer.error().message.starts_with("row 30, column v: \"abc\" is not a number"));
}

TEST_CASE("cells that do not say where they stand follow each other, the empty ones too") {
  const Folder folder;
  const Read answer = read_well(workbook(folder,
                                         "<worksheet><sheetData>"
                                         "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c>"
                                         "<c t='str'><v>c</v></c></row>"
                                         "<row><c><v>1</v></c><c/><c><v>3</v></c></row>"
                                         "</sheetData></worksheet>",
                                         three_strings));
  CHECK(answer.summary.head == Head{{1.0, HeadCell{}, 3.0}});
}

TEST_CASE("a hostile workbook is refused") {
  const Folder folder;
  const auto refusal = [&](const std::string& sheet) {
    const Result<Read> answer = read(workbook(folder, sheet, three_strings));
    REQUIRE(!answer);
    return answer.error().message;
  };
  CHECK(refusal("<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>").find("not well-formed") !=
        std::string::npos);
  CHECK(refusal("<worksheet><sheetData><row r='1'><c t='s'><v>3</v></c></row>") ==
        "the sheet is damaged: row 1 names the text 3, which the workbook does not have");
  CHECK(refusal("<worksheet><row r='99999999999'/></worksheet>") ==
        "the sheet is damaged: row 99999999999 stands behind row 0");
  CHECK(refusal("<worksheet><row r='1'><c r='XFE1'><v>1</v></c></row></worksheet>") ==
        "the sheet is damaged: row 1 has more than 16384 columns, the limit");
  const auto row_of = [](const std::string& cells) {
    return "<worksheet><sheetData><row r='1'>" + cells + "</row></sheetData></worksheet>";
  };
  std::string same_cell;
  for (std::size_t cell = 0; cell <= XlsxLimits{}.columns_max; ++cell) {
    same_cell += "<c r='A1'><v>1</v></c>";
  }
  CHECK(refusal(row_of(same_cell)) ==
        "the sheet is damaged: row 1 has more than 16384 columns, the limit");
  const std::string long_text(std::size_t{1} << 20, 'x');
  CHECK(refusal(row_of("<c r='A1' t='str'><v>x" + long_text + "</v></c>")) ==
        "the sheet is damaged: a cell of row 1 has more than 1048576 bytes");
  CHECK(refusal("<worksheet/>") == "file is empty");
  CHECK(!read(folder.file("b", "PK\x03\x04 and nothing more")));
}

TEST_CASE("a part that is too large unpacked is refused") {
  const Folder folder;
  const std::string blanks(200'000, ' ');
  const std::filesystem::path file =
      workbook(folder, "<worksheet>" + blanks + "</worksheet>", three_strings);
  XlsxLimits limits;
  limits.sheet_bytes_max = 200'023;
  CHECK(open_xlsx(file, {}, nullptr, limits).error().message == "file is empty");
  limits.sheet_bytes_max = 200'022;
  CHECK(open_xlsx(file, {}, nullptr, limits).error().message ==
        "the workbook's part xl/worksheets/sheet9.xml has more than 200022 bytes unpacked, the "
        "limit");
}

TEST_CASE("serial numbers are the days that a spreadsheet shows") {
  CHECK(date_of_serial(1, false) == "1900-01-01");
  CHECK(date_of_serial(59, false) == "1900-02-28");
  CHECK(date_of_serial(61, false) == "1900-03-01");
  CHECK(date_of_serial(45351, false) == "2024-02-29");
  CHECK(date_of_serial(45351.5, false) == "2024-02-29T12:00:00");
  CHECK(date_of_serial(43889, true) == "2024-02-29");
  CHECK(date_of_serial(0.5, false).empty());
  CHECK(date_of_serial(2'958'465, false) == "9999-12-31");
  CHECK(date_of_serial(2'958'466, false).empty());
  CHECK(date_of_serial(std::nan(""), false).empty());
}

}  // namespace

}  // namespace cauce::datasets
