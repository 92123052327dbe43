#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <fstream>

#include "net/http.h"
#include "net/test_client.h"

namespace cauce::net {
namespace {

namespace fs = std::filesystem;

std::size_t files_in(const fs::path& directory) {
  return std::size_t(std::distance(fs::directory_iterator(directory), {}));
}

Bytes content_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return Bytes{std::istreambuf_iterator<char>(stream), {}};
}

struct Uploads {
  std::unique_ptr<Loop> loop = Loop::create();
  fs::path directory;
  HttpOptions options;
  BodyTarget target;
  std::vector<Spooling::Place> waiting;
  bool holds = false;
  std::vector<std::shared_ptr<BodyFile>> kept;
  std::size_t served = 0;
  Address address;

  Uploads() {
    std::string name = (fs::temp_directory_path() / "cauce-spool-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    directory = name;
    target = {directory / "body", 1 << 20};
    options.refusal = [](int status, std::string_view why, const Request&) {
      return Response{status, {}, std::string(why) + "|"};
    };
    Spooling spooling;
    spooling.disk_share_kept_free = 0;
    spooling.wants = [](const Request& head) { return head.path == "/up"; };
    spooling.decide = [this](const Request&, Spooling::Place place) {
      if (holds) return waiting.push_back(std::move(place));
      place(target);
    };
    options.spooling = spooling;
  }
  ~Uploads() {
    loop.reset();
    kept.clear();
    fs::remove_all(directory);
  }

  TestClient start() {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    const auto serve = [this](const Request& request, Respond respond) {
      ++served;
      if (!request.file) return respond({200, {}, "memory " + request.body + "|"});
      kept.push_back(request.file);
      std::string text = request.file->name();
      for (const auto& [name, value] : request.file->fields())
        text += " " + name + "=" + value;
      respond({200, {}, text + " " + std::to_string(request.file->bytes()) + "|"});
    };
    REQUIRE(serve_http(*loop, std::move(*listener), serve, options));
    return TestClient(*loop, address);
  }
  std::string exchange(TestClient& client, std::string_view bytes) {
    client.run_until([&] {
      bytes.remove_prefix(client.closed() ? bytes.size() : client.send(bytes));
      return client.closed() || (bytes.empty() && client.received().ends_with("|"));
    });
    const Bytes answer = client.take_received();
    const std::size_t body = answer.find("\r\n\r\n");
    return answer.substr(9, 3) + " " + answer.substr(body + 4);
  }
  void turn() {
    for (int count = 0; count < 30; ++count)
      loop->run_ready();
  }
  static std::string request(std::size_t bytes, std::string_view headers = "") {
    return "POST /up HTTP/1.1\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(bytes) + "\r\n\r\n";
  }
};

}  // namespace

TEST_CASE_FIXTURE(Uploads, "a large body goes to a file, which goes with the request") {
  target.bytes_max = 8 << 20;
  auto client = start();
  Bytes body;
  for (int number = 0; body.size() < (6u << 20); ++number)
    body += std::to_string(number) + "\r\n";
  CHECK(exchange(client, request(body.size()) + body) ==
        "200  " + std::to_string(body.size()) + "|");
  REQUIRE(kept.size() == 1);
  CHECK(content_of(directory / "body") == body);
  kept.clear();
  CHECK(files_in(directory) == 0);
  // The connection goes on, with a small body and with another large one.
  CHECK(exchange(client, "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\nx") == "200 memory x|");
  CHECK(exchange(client, request(3) + "abc") == "200  3|");
  CHECK(kept.at(0)->take() == directory / "body");
  kept.clear();
  CHECK(content_of(directory / "body") == "abc");
}

TEST_CASE_FIXTURE(Uploads, "a chunked body and a form go to a file as well") {
  auto client = start();
  CHECK(exchange(client,
                 "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
                 "0\r\n\r\n") == "200  5|");
  CHECK(content_of(directory / "body") == "abcde");
  kept.clear();
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f.csv\"\r\n\r\nx,y\r\n"
      "\r\n--b--\r\n";
  CHECK(exchange(client, request(form.size(), "Content-Type: multipart/form-data; boundary=b\r\n") +
                             form) == "200 f.csv n=v 5|");
  CHECK(content_of(directory / "body") == "x,y\r\n");
  kept.clear();
  CHECK(exchange(client, request(4, "Content-Type: multipart/form-data; boundary=b\r\n") + "--b-")
            .starts_with("422 The form cannot be read: it ends in the middle."));
  CHECK(files_in(directory) == 0);
}

TEST_CASE_FIXTURE(Uploads, "who may not upload is told before he sends the body") {
  holds = true;
  auto client = start();
  client.send(request(1000, "Expect: 100-continue\r\n"));
  REQUIRE(client.run_until([&] { return waiting.size() == 1; }));
  turn();
  CHECK(client.received().empty());
  waiting[0](Response{401, {}, "no|"});
  CHECK(exchange(client, "") == "401 no|");
  CHECK(client.run_until_closed());
  CHECK(files_in(directory) == 0);
  CHECK(served == 0);

  TestClient second(*loop, address);
  second.send(request(4, "Expect: 100-continue\r\n"));
  REQUIRE(second.run_until([&] { return waiting.size() == 2; }));
  waiting[1](target);
  CHECK(second.run_until([&] { return second.received().ends_with("\r\n\r\n"); }));
  CHECK(second.take_received() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(exchange(second, "body") == "200  4|");

  TestClient third(*loop, address);
  third.send(request(4) + "body");
  REQUIRE(third.run_until([&] { return waiting.size() == 3; }));
  waiting.clear();
  CHECK(exchange(third, "").starts_with("500 "));
}

TEST_CASE_FIXTURE(Uploads, "a client that goes leaves no file, whenever it goes") {
  auto client = start();
  client.send(request(1000) + std::string(500, 'x'));
  REQUIRE(client.run_until([&] { return fs::exists(directory / "body"); }));
  client.disconnect();
  turn();
  CHECK(files_in(directory) == 0);
  CHECK(served == 0);

  holds = true;
  TestClient second(*loop, address);
  second.send(request(1000));
  REQUIRE(second.run_until([&] { return waiting.size() == 1; }));
  second.disconnect();
  turn();
  waiting[0](target);
  turn();
  CHECK(files_in(directory) == 0);
}

TEST_CASE_FIXTURE(Uploads, "an upload has so many bytes and no more") {
  target.bytes_max = 100;
  auto client = start();
  CHECK(exchange(client, request(100) + std::string(100, 'x')) == "200  100|");
  kept.clear();
  CHECK(exchange(client, request(101)) == "413 An upload may have 100 bytes at most.|");
  TestClient chunked(*loop, address);
  CHECK(exchange(chunked, "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n" +
                              std::string(101, 'x')) ==
        "413 An upload may have 100 bytes at most.|");
  CHECK(files_in(directory) == 0);
}

TEST_CASE_FIXTURE(Uploads, "so many uploads come at a time, and so many bytes in all") {
  options.spooling->files_max = 1;
  options.spooling->bytes_max = 1000;
  auto client = start();
  client.send(request(600) + std::string(300, 'x'));
  REQUIRE(client.run_until([&] { return fs::exists(directory / "body"); }));
  target.file = directory / "second";
  {
    TestClient second(*loop, address);
    CHECK(exchange(second, request(1) + "x").starts_with("503 As many uploads"));
  }
  CHECK(exchange(client, std::string(300, 'x')) == "200  600|");
  {
    TestClient second(*loop, address);
    CHECK(exchange(second, request(401)).starts_with("503 Too many bytes"));
  }
  TestClient third(*loop, address);
  CHECK(exchange(third, request(400) + std::string(400, 'x')) == "200  400|");
}

TEST_CASE_FIXTURE(Uploads, "an upload goes on where it ended, and keeps what came") {
  target.continue_at = 0;
  std::ofstream(directory / "body").close();
  auto client = start();
  client.send(request(6) + "abc");
  REQUIRE(client.run_until([&] { return fs::file_size(directory / "body") == 3; }));
  {
    TestClient other(*loop, address);
    CHECK(exchange(other, request(1) + "x").starts_with("409 Another request is writing"));
  }
  client.disconnect();
  turn();
  CHECK(content_of(directory / "body") == "abc");
  TestClient second(*loop, address);
  CHECK(exchange(second, request(3) + "xyz") == "409 The upload holds 3 bytes: go on there.|");
  target.continue_at = 3;
  TestClient third(*loop, address);
  CHECK(exchange(third, request(3) + "def") == "200  3|");
  kept.clear();
  CHECK(content_of(directory / "body") == "abcdef");
}

TEST_CASE_FIXTURE(Uploads, "a stalled upload is given up, a slow one is not") {
  options.idle_max = std::chrono::milliseconds{40};
  options.spooling->progress_bytes_min = 10;
  auto client = start();
  client.send(request(2000));
  std::size_t sent = 0;
  // Ten bytes at a time for several times idle_max.
  const auto begin = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{200}) {
    if (sent < 1900) sent += client.send(std::string(10, 'x'));
    client.run_until([&, turns = 0]() mutable { return ++turns == 6; });
  }
  CHECK(client.received().empty());
  CHECK(exchange(client, "").starts_with("408 "));
  CHECK(files_in(directory) == 0);
}

TEST_CASE_FIXTURE(Uploads, "a byte now and then does not hold a place for ever") {
  options.idle_max = std::chrono::milliseconds{40};
  auto client = start();
  client.send(request(100'000));
  CHECK(client.run_until([&] {
    client.send("x");
    return client.received().ends_with("|");
  }));
  CHECK(client.take_received().starts_with("HTTP/1.1 408"));
  CHECK(files_in(directory) == 0);
}

TEST_CASE_FIXTURE(Uploads, "a full disk is said, and nothing stays on it") {
  const fs::path small = directory / "small";
  fs::create_directory(small);
  if (::mount("none", small.c_str(), "tmpfs", 0, "size=1m") != 0) {
    MESSAGE("skipped: mounting a small file system needs root");
    return;
  }
  target = {small / "body", 8 << 20};
  auto client = start();
  CHECK(exchange(client, "POST /up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n200000\r\n" +
                             std::string(2 << 20, 'x'))
            .starts_with("507 There is no room on the disk"));
  TestClient second(*loop, address);
  options.spooling->disk_share_kept_free = 0;
  CHECK(exchange(second, request(2 << 20)).starts_with("507 There is no room on the disk"));
  CHECK(files_in(small) == 0);
  REQUIRE(::umount(small.c_str()) == 0);
}

}  // namespace cauce::net
