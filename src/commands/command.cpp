#include "commands/command.h"

namespace cauce::commands {

std::string_view name_of(State state) {
  switch (state) {
    case State::waiting: return "waiting";
    case State::sent: return "sent";
    case State::given: return "given";
    case State::acknowledged: return "acknowledged";
    case State::refused: return "refused";
    case State::answered: return "answered";
    case State::withdrawn: return "withdrawn";
    case State::expired: return "expired";
  }
  return "";
}

State state_of(const Command& command, Time now) {
  if (command.answered_at) return State::answered;
  if (command.acknowledged_at) return State::acknowledged;
  if (command.refused_at) return State::refused;
  if (command.left_at) return State::given;
  if (command.withdrawn_at) return State::withdrawn;
  if (now >= command.expires_at) return State::expired;
  return command.sent_at || command.bridged_at ? State::sent : State::waiting;
}

bool is_open(State state) {
  return state == State::waiting || state == State::sent;
}

}  // namespace cauce::commands
