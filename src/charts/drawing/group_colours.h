// The colours of groups, known by the data-group of their marks: so that a group has one colour in
// all panels, and one group can stand out from the others, whatever kind of chart it is.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "charts/drawing/scene.h"
#include "charts/drawing/theme.h"

namespace cauce::charts::drawing {

class GroupColours {
 public:
  // From the marks of the chart of all rows.
  void learn(const std::vector<Item>& items);

  // Gives the marks of the same roles and groups the same colours, and points the same size.
  void apply(std::vector<Item>& items) const;

 private:
  std::map<std::string, std::vector<Colour>> of_marks_;  // by role and group
  std::map<std::string, Colour> of_groups_;
  std::map<std::string, SpotStyle> of_points_;
  double radius_ = 0;  // of points; 0: there are none
};

// All marks of other groups grey, those of this one in front of them; false: no mark is of this
// group.
bool highlight(std::vector<Item>& items, const std::string& group, const Look& look);

}  // namespace cauce::charts::drawing
