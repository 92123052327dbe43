#include "warehouse/columns.h"

namespace cauce::warehouse {

using table::Type;

const std::vector<table::Column>& lake_columns() {
  static const std::vector<table::Column> columns = {
      {"partition", Type::uint32},  {"position", Type::uint64}, {"company", Type::text},
      {"device", Type::text},       {"topic", Type::text},      {"received_at", Type::time},
      {"content_type", Type::text}, {"payload", Type::blob},    {"plaintext", Type::blob},
  };
  return columns;
}

const std::vector<table::Column>& facts_columns() {
  static const std::vector<table::Column> columns = {
      {"company", Type::text},       {"site", Type::text},        {"area", Type::text},
      {"device", Type::text},        {"device_type", Type::text}, {"metric", Type::text},
      {"time", Type::time},          {"received_at", Type::time}, {"value", Type::real64},
      {"text", Type::text},          {"boolean", Type::boolean},  {"unit", Type::text},
      {"quality", Type::text},       {"partition", Type::uint32}, {"position", Type::uint64},
      {"value_index", Type::uint32}, {"replay", Type::uint32},
  };
  return columns;
}

}  // namespace cauce::warehouse
