#include "charts/figures_record.h"

#include <type_traits>

namespace cauce::charts {
namespace {

// Raised with every change of the fields below: what an older version wrote is computed again.
constexpr std::uint32_t format = 8;
// A bar has parts, and a part has none.
constexpr int depth_max = 8;

class Writer {
 public:
  explicit Writer(Bytes& target) : target_(target) {}

  void take(std::uint64_t value) { put_u64(target_, value); }
  void take(std::uint32_t value) { put_u32(target_, value); }
  void take(double value) { put_f64(target_, value); }
  void take(const std::string& value) { put_sized(target_, value); }
  template <class Item>
  void take(const std::vector<Item>& items) {
    put_u32(target_, std::uint32_t(items.size()));
    for (const Item& item : items) {
      take(item);
    }
  }
  template <class Struct>
    requires std::is_class_v<Struct>
  void take(const Struct& value);
  template <class Enum>
    requires std::is_enum_v<Enum>
  void take(Enum value) {
    put_u8(target_, std::uint8_t(value));
  }

 private:
  Bytes& target_;
};

class Reader {
 public:
  explicit Reader(ByteReader& source) : source_(source) {}

  void take(std::uint64_t& value) { value = source_.u64(); }
  void take(std::uint32_t& value) { value = source_.u32(); }
  void take(double& value) { value = source_.f64(); }
  void take(std::string& value) { value = std::string(source_.sized()); }
  template <class Item>
  void take(std::vector<Item>& items) {
    const std::uint32_t count = source_.u32();
    // Each item has four bytes at least: a count beyond that is none of ours.
    if (count > source_.remaining() / 4 + 1) wrong_ = true;
    for (std::uint32_t index = 0; index < count && is_good(); ++index) {
      take(items.emplace_back());
    }
  }
  template <class Struct>
    requires std::is_class_v<Struct>
  void take(Struct& value);
  template <class Enum>
    requires std::is_enum_v<Enum>
  void take(Enum& value) {
    const std::uint8_t number = source_.u8();
    if (number > enum_max) wrong_ = true;
    value = Enum(number);
  }

  bool is_good() const { return !wrong_ && !source_.failed(); }

 private:
  static constexpr std::uint8_t enum_max = 4;  // Type::boolean; the other ones have fewer
  ByteReader& source_;
  int depth_ = 0;
  bool wrong_ = false;
};

// The fields of what lies in a plane, and of a column.
template <class Archive, class Struct>
void each_field_of_planes(Archive& archive, Struct& value) {
  using Plain = std::remove_const_t<Struct>;
  const auto all = [&](auto&... fields) { (archive.take(fields), ...); };
  if constexpr (std::is_same_v<Plain, SurfaceFigures>) {
    auto& [n, nx, ny, x_low, x_high, y_low, y_high, bandwidth_x, bandwidth_y, density, points] =
        value;
    all(n, nx, ny, x_low, x_high, y_low, y_high, bandwidth_x, bandwidth_y, density, points);
  } else if constexpr (std::is_same_v<Plain, PairsColumn>) {
    auto& [name, low, high, counts] = value;
    all(name, low, high, counts);
  } else if constexpr (std::is_same_v<Plain, PairsFigures>) {
    auto& [n, columns, bins, pearson, categories, category_rows, values, category_of, cells,
           counts] = value;
    all(n, columns, bins, pearson, categories, category_rows, values, category_of, cells, counts);
  } else {
    static_assert(std::is_same_v<Plain, columns::Column>);
    auto& [name, type] = value;
    all(name, type);
  }
}

// Every field of each struct, once for both ways. A field that is added there and not here does
// not compile.
template <class Archive, class Struct>
void each_field(Archive& archive, Struct& value) {
  using Plain = std::remove_const_t<Struct>;
  const auto all = [&](auto&... fields) { (archive.take(fields), ...); };
  if constexpr (std::is_same_v<Plain, BoxGroup>) {
    auto& [group, rows, n, missing, min, q1, median, q3, max, iqr, low, high, mean, deviation,
           outlier_count, outliers, points, counts, degenerate] = value;
    all(group, rows, n, missing, min, q1, median, q3, max, iqr, low, high, mean, deviation,
        outlier_count, outliers, points, counts, degenerate);
  } else if constexpr (std::is_same_v<Plain, DensityGroup>) {
    auto& [group, rows, n, bandwidth, x0, x1, y, rug, degenerate] = value;
    all(group, rows, n, bandwidth, x0, x1, y, rug, degenerate);
  } else if constexpr (std::is_same_v<Plain, BarGroup>) {
    auto& [group, rows, count, sum, mean, median, min, max, deviation, low, high, parts,
           degenerate] = value;
    all(group, rows, count, sum, mean, median, min, max, deviation, low, high, parts, degenerate);
  } else if constexpr (std::is_same_v<Plain, BoxFigures>) {
    auto& [groups, moments, marks, violins, low, high] = value;
    all(groups, moments, marks, violins, low, high);
  } else if constexpr (std::is_same_v<Plain, DensityFigures> ||
                       std::is_same_v<Plain, EcdfFigures>) {
    auto& [groups] = value;
    all(groups);
  } else if constexpr (std::is_same_v<Plain, BandPoint>) {
    auto& [x, low, high] = value;
    all(x, low, high);
  } else if constexpr (std::is_same_v<Plain, EcdfGroup>) {
    auto& [group, rows, n, x, share, degenerate] = value;
    all(group, rows, n, x, share, degenerate);
  } else if constexpr (std::is_same_v<Plain, LinePoint>) {
    auto& [x, n, sum, mean, min, max, deviation] = value;
    all(x, n, sum, mean, min, max, deviation);
  } else if constexpr (std::is_same_v<Plain, LineSeries>) {
    auto& [color, points, spacing, breaks] = value;
    all(color, points, spacing, breaks);
  } else if constexpr (std::is_same_v<Plain, LineFigures>) {
    auto& [series, interval, aggregate] = value;
    all(series, interval, aggregate);
  } else if constexpr (std::is_same_v<Plain, HeatFigures>) {
    auto& [x, y, x_moments, counts, values, aggregate] = value;
    all(x, y, x_moments, counts, values, aggregate);
  } else if constexpr (std::is_same_v<Plain, BarFigures>) {
    auto& [missing_key, groups, aggregate, bars, colors, shown, others, other, moments] = value;
    all(missing_key, groups, aggregate, bars, colors, shown, others, other, moments);
  } else if constexpr (std::is_same_v<Plain, HistogramFigures>) {
    auto& [n, low, high, counts, groups, group_counts, bins_asked, degenerate] = value;
    all(n, low, high, counts, groups, group_counts, bins_asked, degenerate);
  } else if constexpr (std::is_same_v<Plain, Point>) {
    auto& [x, y, category, color, size, shape] = value;
    all(x, y, category, color, size, shape);
  } else if constexpr (std::is_same_v<Plain, ScatterFigures>) {
    auto& [n, nx, ny, x_low, x_high, y_low, y_high, counts, means, pearson, slope, intercept, band,
           categories, category_rows, shapes, shape_rows, points, degenerate] = value;
    all(n, nx, ny, x_low, x_high, y_low, y_high, counts, means, pearson, slope, intercept, band,
        categories, category_rows, shapes, shape_rows, points, degenerate);
  } else {
    each_field_of_planes(archive, value);
  }
}

template <class Struct>
  requires std::is_class_v<Struct>
void Writer::take(const Struct& value) {
  each_field(*this, value);
}

template <class Struct>
  requires std::is_class_v<Struct>
void Reader::take(Struct& value) {
  if (++depth_ > depth_max) wrong_ = true;
  if (!wrong_) each_field(*this, value);
  --depth_;
}

template <class Variant, std::size_t index = 0>
bool read_kind(Reader& reader, std::size_t kind, Variant& target) {
  if constexpr (index == std::variant_size_v<Variant>) {
    return false;
  } else {
    if (kind != index) return read_kind<Variant, index + 1>(reader, kind, target);
    reader.take(target.template emplace<index>());
    return true;
  }
}

}  // namespace

namespace {

void write(Writer& writer, const Figures& figures) {
  const auto& [rows, filtered, drawn, missing, excluded, not_positive, outside, without_panel,
               values_without_panel, schema, of, panels] = figures;
  writer.take(std::uint32_t(of.index()));
  for (const std::uint64_t count : {rows, filtered, drawn, missing, excluded, not_positive, outside,
                                    without_panel, values_without_panel}) {
    writer.take(count);
  }
  writer.take(schema);
  std::visit([&](const auto& kind) { writer.take(kind); }, of);
  writer.take(std::uint32_t(panels.size()));
  for (const Panel& panel : panels) {
    writer.take(panel.name);
    writer.take(panel.degenerate);
    write(writer, panel.figures);
  }
}

bool read(Reader& reader, Figures& figures, bool is_panel) {
  std::uint32_t kind = 0;
  reader.take(kind);
  for (std::uint64_t* count : {&figures.rows, &figures.filtered, &figures.drawn, &figures.missing,
                               &figures.excluded, &figures.not_positive, &figures.outside,
                               &figures.without_panel, &figures.values_without_panel}) {
    reader.take(*count);
  }
  reader.take(figures.schema);
  if (!read_kind(reader, kind, figures.of)) return false;
  std::uint32_t panels = 0;
  reader.take(panels);
  if (panels > (is_panel ? 0 : panels_max)) return false;
  for (std::uint32_t index = 0; index < panels && reader.is_good(); ++index) {
    Panel& panel = figures.panels.emplace_back();
    reader.take(panel.name);
    reader.take(panel.degenerate);
    if (!read(reader, panel.figures, true)) return false;
  }
  return reader.is_good();
}

}  // namespace

Bytes to_bytes(const Figures& figures) {
  Bytes bytes;
  Writer writer(bytes);
  writer.take(format);
  write(writer, figures);
  return bytes;
}

Result<Figures> figures_from_bytes(BytesView bytes) {
  const Error damaged{Outcome::corrupt, "these are no figures of a chart of this version"};
  ByteReader source(bytes);
  if (source.u32() != format) return damaged;
  Reader reader(source);
  Figures figures;
  if (!read(reader, figures, false) || !source.complete()) return damaged;
  return figures;
}

}  // namespace cauce::charts
