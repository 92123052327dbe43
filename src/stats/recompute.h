// From new facts to a change of the recent store: which minutes they touch, what these hold now,
// and the aggregates that follow (recent/aggregate.h): of the minutes, of their quarters of an
// hour, of their hours. What no fact touches is not computed again.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "recent/recent.h"

namespace cauce::stats {

// New facts by series; all that one commit brings in.
class NewFacts {
 public:
  struct Fact {
    recent::Point point;
    std::string unit;
  };
  struct Series {
    record::Series names;
    std::vector<Fact> facts;
  };

  // `facts` are encoded facts, each put_sized, of one series. `corrupt` when they are not.
  Result<void> add(const std::string& series, BytesView facts);
  // Puts the facts of each series in the order of time, of each time only the largest origin.
  void settle();

  const std::unordered_map<std::string, Series>& series() const { return series_; }
  bool empty() const { return series_.empty(); }

 private:
  std::unordered_map<std::string, Series> series_;  // by record::to_text
};

// Turns settled facts into changes of one store. One thread at a time; nobody else commits to the
// store, and what is computed is committed before anything else is.
class Recomputer {
 public:
  struct Options {
    // Of a minute's points the first ones by time are kept, so that one device cannot make commits
    // without end; which these are does not depend on the order of arrival. 65,536: a thousand
    // values a second and some.
    std::size_t minute_points_max = 65'536;
    // Series whose beginnings of a quarter and of an hour are remembered, some 400 bytes each and
    // their sketches; past it, all are read again.
    std::size_t beginnings_max = 100'000;
  };

  Recomputer(recent::Reader& reader, Options options) : reader_(reader), options_(options) {}

  // The change that brings the facts in. It need not be committed: nothing here relies on it.
  Result<recent::Change> recompute(const NewFacts& facts);
  // To be called when stored minutes have been removed.
  void forget();

 private:
  using FactIterator = std::vector<NewFacts::Fact>::const_iterator;

  // The stored parts of [start, until) of one window, merged: most facts are of a series' newest
  // minute, and without this each would read the older minutes of its quarter again.
  struct Beginning {
    Time start;
    Time until;
    recent::Aggregate merged;
  };
  // The parts of one kind of window, and of each series the beginning of its last one.
  struct Level {
    recent::Resolution part;
    recent::Resolution whole;
    std::unordered_map<std::string, Beginning> beginnings = {};
  };

  Result<void> recompute_series(const std::string& text, const NewFacts::Series& series);
  // The minutes that [fact, end), which are of one quarter, change; by start.
  Result<std::vector<recent::Aggregate>> recompute_minutes(const std::string& text,
                                                           FactIterator fact, FactIterator end);
  // The window that starts at `start` and holds the touched parts, by start and not empty.
  Result<recent::Aggregate> recompute_whole(Level& level, const std::string& text, Time start,
                                            const std::vector<recent::Aggregate>& touched);
  // The stored parts of that window, with the touched ones in their places; those before the first
  // touched one are merged into one.
  Result<std::vector<recent::Aggregate>> parts_of(Level& level, const std::string& text, Time start,
                                                  const std::vector<recent::Aggregate>& touched);
  // Of the window that starts at `start`, reaching no farther than `until_max`.
  Beginning& beginning_of(Level& level, const std::string& text, Time start, Time until_max);
  void summarise(const record::Series& names, const NewFacts::Fact& last);

  recent::Reader& reader_;
  const Options options_;
  recent::Change change_;  // being made
  Level quarters_{recent::Resolution::minute, recent::Resolution::quarter};
  Level hours_{recent::Resolution::quarter, recent::Resolution::hour};
};

}  // namespace cauce::stats
