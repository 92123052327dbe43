#include "net/multipart.h"

#include <doctest/doctest.h>

namespace cauce::net {
namespace {

struct Form {
  Bytes file;
  FormReader reader{"b",
                    [this](BytesView bytes) -> Result<void> {
                      file.append(bytes);
                      return {};
                    },
                    {.fields_max = 2, .field_bytes_max = 10, .head_bytes_max = 200}};

  std::string read(std::string_view text, std::size_t piece = 1000) {
    while (!text.empty()) {
      if (const auto taken = reader.take(text.substr(0, piece)); !taken)
        return taken.error().message;
      text.remove_prefix(std::min(piece, text.size()));
    }
    const auto finished = reader.finish();
    return finished ? "" : finished.error().message;
  }
};

std::string part(std::string_view disposition, std::string_view content) {
  return "--b\r\nContent-Disposition: form-data; " + std::string(disposition) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

}  // namespace

TEST_CASE("a form gives its file and its fields, in pieces of any size") {
  const std::string content = "a,b\r\n1,2\r\n--not the end\r\n--\r\n-b\r\n";
  const std::string text = part("name=\"name\"", "Cars") +
                           part("name=\"file\"; filename=\"cars.csv\"", content) +
                           part("name=x", "") + "--b--\r\nepilogue";
  for (std::size_t piece = 1; piece < text.size() + 1; ++piece) {
    CAPTURE(piece);
    Form form;
    CHECK(form.read(text, piece) == "");
    CHECK(form.file == content);
    CHECK(form.reader.file_name() == "cars.csv");
    CHECK(form.reader.fields() == std::map<std::string, std::string>{{"name", "Cars"}, {"x", ""}});
  }
}

TEST_CASE("a file of a form may be empty, and what stands before the first part is skipped") {
  Form form;
  CHECK(form.read("preamble\r\n" + part("filename=\"\"; name=\"file\"", "") + "--b--") == "");
  CHECK(form.file.empty());
}

TEST_CASE("a file's name comes as curl and as browsers write it") {
  for (const auto& [written, meant] :
       std::map<std::string, std::string>{{R"("a\"b\\c.csv")", "a\"b\\c.csv"},
                                          {R"("C:\data\x.csv")", "C:\\data\\x.csv"},
                                          {R"("a%22b%0D%0A.csv")", "a\"b\r\n.csv"},
                                          {"plain.csv", "plain.csv"},
                                          {"\"a;b=c.csv\"", "a;b=c.csv"}}) {
    CAPTURE(written);
    Form form;
    CHECK(form.read(part("name=\"file\"; filename=" + written, "x") + "--b--") == "");
    CHECK(form.reader.file_name() == meant);
  }
}

TEST_CASE("what is no form with one file is refused in words") {
  const std::string file = part("name=\"file\"; filename=\"f\"", "x");
  const auto refused = [](const std::string& text) { return Form{}.read(text); };
  CHECK(refused(file).find("ends in the middle") != std::string::npos);
  CHECK(refused(file + file + "--b--").find("more than one file") != std::string::npos);
  CHECK(refused(part("name=\"a\"", "x") + "--b--").find("no part is a file") != std::string::npos);
  CHECK(refused("--b\r\nContent-Type: text/csv\r\n\r\nx\r\n--b--").find("is no \"Content-Disp") !=
        std::string::npos);
  CHECK(refused("--b\r\n\r\nx\r\n--b--").find("is no \"Content-Disp") != std::string::npos);
  CHECK(refused(std::string(300, 'x')).find("its boundary does not come") != std::string::npos);
  CHECK(refused("--bx\r\n").find("behind a boundary") != std::string::npos);
}

TEST_CASE("a form holds so much and no more") {
  const std::string file = part("name=\"file\"; filename=\"f\"", "x");
  const std::string ten(10, 'v');
  CHECK(Form{}.read(part("name=a", ten) + part("name=b", "") + file + "--b--") == "");
  CHECK(Form{}.read(part("name=a", ten + "v") + file + "--b--").find("more than 10 bytes") !=
        std::string::npos);
  CHECK(Form{}
            .read(part("name=a", "") + part("name=b", "") + part("name=c", "") + file + "--b--")
            .find("more than 2 fields") != std::string::npos);
  CHECK(Form{}
            .read(part("name=" + std::string(200, 'n'), "") + file + "--b--")
            .find("more than 200 bytes") != std::string::npos);
}

TEST_CASE("a boundary is read from the content type") {
  CHECK(form_boundary("multipart/form-data; boundary=----x1") == "----x1");
  CHECK(form_boundary("Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"") == "a b");
  CHECK(form_boundary("multipart/form-data; boundary=" + std::string(70, 'b')).has_value());
  for (const std::string& type :
       {std::string("multipart/form-data"), std::string("text/csv; boundary=x"),
        std::string("multipart/form-data; boundary="), std::string(),
        "multipart/form-data; boundary=" + std::string(71, 'b')}) {
    CAPTURE(type);
    CHECK_FALSE(form_boundary(type));
  }
}

}  // namespace cauce::net
