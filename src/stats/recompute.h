// From new facts to a change of the recent store: which minutes they touch, what these hold now,
// and the aggregates that follow.
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
    // Hours whose beginnings are remembered, 300 bytes each; past it, all are read again.
    std::size_t hours_max = 100'000;
  };

  Recomputer(recent::Reader& reader, Options options) : reader_(reader), options_(options) {}

  // The change that brings the facts in. It need not be committed: nothing here relies on it.
  Result<recent::Change> recompute(const NewFacts& facts);
  // To be called when stored minutes have been removed.
  void forget() { beginnings_.clear(); }

 private:
  using FactIterator = std::vector<NewFacts::Fact>::const_iterator;

  // The stored minutes of [start, until) of one hour, merged: most facts are of a series' newest
  // minute, and without this each would read up to 59 older ones.
  struct Beginning {
    Time start;
    Time until;
    recent::Aggregate merged;
  };

  Result<void> recompute_series(const std::string& text, const NewFacts::Series& series);
  // The facts [fact, end) are of the hour that starts at `start`.
  Result<void> recompute_hour(const std::string& text, Time start, FactIterator fact,
                              FactIterator end);
  // The stored minutes of the hour, with those of `touched` in their places; those before the first
  // touched one are merged into one. `touched` is by start and not empty.
  Result<std::vector<recent::Aggregate>> minutes_of(const std::string& text, Time start,
                                                    const std::vector<recent::Aggregate>& touched);
  void remember(const std::string& text, Beginning beginning);
  void summarise(const record::Series& names, const NewFacts::Fact& last);

  recent::Reader& reader_;
  const Options options_;
  recent::Change change_;                                  // being made
  std::unordered_map<std::string, Beginning> beginnings_;  // of each series' last hour
};

}  // namespace cauce::stats
