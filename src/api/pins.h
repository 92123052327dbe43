// Charts that got an address of their own: what they were made from and with which options. The
// address is made of exactly that, so the same chart has the same address and what an address shows
// never changes. Objects `charts/pins/COMPANY/ID.json` and, of a chart whose source moves on,
// `ID.figures` beside it. So many for each company, the oldest go first. Any thread.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "objects/objects.h"

namespace cauce::api {

using ChartOptions = std::vector<std::pair<std::string, std::string>>;  // by name

struct Pin {
  std::string id;  // 32 hexadecimal digits
  std::string company;
  std::string kind;
  ChartOptions options;
  std::string data_set;       // empty: of sensors, whose figures are kept with it
  std::uint32_t version = 0;  // of the data set
  std::string figures_key;    // see KeptFigures
  bool side_by_side = false;  // see ChartOrder
  std::string alternative_text;
  Time created_at;

  bool operator==(const Pin&) const = default;
};

// A pin beside the process that keeps it, for whoever copies or checks what there is.
struct StoredPin {
  Pin pin;
  std::string key;          // of the object that holds it …
  Bytes note;               // … as it was when this was read
  std::string figures_key;  // of the object with its figures; empty: it has none
};
// All pins of all companies. corrupt: one that cannot be read, named.
Result<std::vector<StoredPin>> read_pins(objects::Objects& objects);

struct PinPage {
  std::vector<Pin> pins;
  std::string next;  // where the next page starts; empty: nothing follows
};

class Pins {
 public:
  // `objects` outlives this. `pins_max`: of a company.
  Pins(objects::Objects& objects, std::size_t pins_max);

  // Once, before the rest. What is damaged is removed and logged.
  Result<void> open();

  std::optional<Pin> find(std::string_view company, std::string_view id) const;
  // Answers the pin as it is kept: one that is there already stays. Durable when it returns.
  // `figures`: of sensors, else empty.
  Result<Pin> keep(const Pin& pin, BytesView figures);
  Result<Bytes> figures(const Pin& pin) const;
  // The youngest first, of one data set or, when that is empty, of all. `shows`: whether a pin is
  // in the list. `after`: `next` of the page before; invalid: a damaged one.
  Result<PinPage> list(std::string_view company, std::string_view data_set, std::string_view after,
                       std::size_t pins_max, const std::function<bool(const Pin&)>& shows) const;
  Result<void> remove(std::string_view company, std::string_view id);  // not_found
  // Of a data set that is gone.
  Result<void> remove_of(std::string_view company, std::string_view data_set);

 private:
  using OfCompany = std::map<std::string, Pin, std::less<>>;  // by id

  Result<void> remove_objects(const Pin& pin);

  objects::Objects& objects_;
  const std::size_t pins_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, OfCompany, std::less<>> companies_;
};

}  // namespace cauce::api
