// What the ledger is told of a message that was decoded, or could not be.
#pragma once

#include "decode/decoder.h"
#include "ledger/arrival.h"
#include "record/message.h"

namespace cauce::decode {

// Writes all of `arrival`; its views are those of `sender.type`. A time in a reading that is not
// the message's time of arrival is the device's own.
void describe_arrival(const record::Message& message, const Sender& sender, const Decoded& decoded,
                      ledger::Arrival& arrival);

}  // namespace cauce::decode
