// The limits that a company or a device has of its own, in requests and answers.
#pragma once

#include "api/body.h"
#include "api/call.h"
#include "base/json.h"
#include "business/limits.h"

namespace cauce::api {

// The member `limits`: what it names is changed, a null takes a limit away, or all of them. False
// when it is not there.
bool change_limits(Body& body, business::Limits& limits);

// Limits of devices are an owner's: a company's own cannot be exceeded by them. Those of a company
// are the owner's of the installation, as all of the company is.
bool may_limit(const Caller& caller);
Error refuse_to_limit();

// Every limit; null: as the configuration says.
Json json_of(const business::Limits& limits);

}  // namespace cauce::api
