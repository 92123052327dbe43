// Draws one chart of a small CSV file with plain commas, and measures what drawing it costs. Drawn
// several times, it has another width each time, as in bench/chart_service; the sum tells whether
// two programs draw the same pictures.
//
//   drawing_bench FILE.csv OUT.(png|svg|pdf) KIND [OPTION VALUE]... [--times N]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "charts/options.h"
#include "charts/render.h"
#include "columns/memory/memory.h"

namespace {

using cauce::columns::memory::Cells;

constexpr int width_px_min = 600;
constexpr int widths = 240;

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (const char letter : line) {
    if (letter == '"') {
      quoted = !quoted;
    } else if (letter == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += letter;
    }
  }
  return cells;
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return end == text.c_str() + text.size();
}

cauce::columns::memory::MemoryTable read_table(const char* path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = cells_of(line);
  std::vector<std::vector<std::string>> columns(names.size());
  while (std::getline(file, line)) {
    std::vector<std::string> cells = cells_of(line);
    cells.resize(names.size());
    for (std::size_t column = 0; column < names.size(); ++column)
      columns[column].push_back(cells[column]);
  }
  std::vector<Cells> table;
  for (std::size_t column = 0; column < names.size(); ++column) {
    auto& cells = columns[column];
    if (!std::all_of(cells.begin(), cells.end(), is_number)) {
      table.push_back(cauce::columns::memory::text_cells(names[column], cells));
      continue;
    }
    std::vector<double> numbers;
    for (const std::string& cell : cells)
      numbers.push_back(cell.empty() ? NAN : std::strtod(cell.c_str(), nullptr));
    table.push_back(cauce::columns::memory::number_cells(names[column], numbers));
  }
  return cauce::columns::memory::MemoryTable{std::move(table)};
}

cauce::charts::Format format_of(const std::string& path) {
  if (path.ends_with(".svg")) return cauce::charts::Format::svg;
  if (path.ends_with(".pdf")) return cauce::charts::Format::pdf;
  return cauce::charts::Format::png;
}

// Of this thread; other work on the machine does not count.
double processor_ms() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return double(spent.tv_sec) * 1e3 + double(spent.tv_nsec) / 1e6;
}

}  // namespace

int main(int count, char** words) {
  if (count < 4) return 2;
  const std::string path = words[2];
  cauce::charts::Request request;
  request.kind = *cauce::charts::parse_kind(words[3]);
  const std::string file = words[1];
  request.source = file.substr(file.rfind('/') + 1);
  int times = 1;
  for (int index = 4; index + 1 < count; index += 2) {
    const std::string name = words[index];
    if (name == "--times") {
      times = std::atoi(words[index + 1]);
    } else if (const auto set = set_option(request, name.substr(2), words[index + 1]); !set) {
      std::fprintf(stderr, "%s\n", set.error().message.c_str());
      return 2;
    }
  }
  auto table = read_table(words[1]);
  const auto figures = compute_figures(table, request);
  if (!figures) {
    std::fprintf(stderr, "%s\n", figures.error().message.c_str());
    return 1;
  }
  cauce::Bytes bytes;
  std::vector<double> spent_ms;
  std::size_t sum = 0;
  for (int turn = 0; turn < times; ++turn) {
    if (times > 1) request.width_px = width_px_min + turn % widths;
    const double begin = processor_ms();
    auto picture = render(*figures, request, format_of(path));
    spent_ms.push_back(processor_ms() - begin);
    if (!picture) {
      std::fprintf(stderr, "%s\n", picture.error().message.c_str());
      return 1;
    }
    bytes = std::move(*picture);
    sum = sum * 31 + std::hash<std::string_view>{}(bytes);
  }
  const double first_ms = spent_ms.front();
  std::sort(spent_ms.begin(), spent_ms.end());
  std::printf("%s: first %.2f ms, median %.2f ms, 99 %% within %.2f ms; %zu bytes, sum %016zx\n",
              path.c_str(), first_ms, spent_ms[spent_ms.size() / 2],
              spent_ms[spent_ms.size() * 99 / 100], bytes.size(), sum);
  std::ofstream{path, std::ios::binary} << bytes;
  if (times == 1) std::printf("%s\n", alternative_text(*figures, request).c_str());
}
