// FAILPOINT("lake.before_commit"): in test builds, a place where the process can be made to die as
// by kill -9. CAUCE_FAILPOINT="lake.before_commit@3" in its environment kills it at the third pass.
// In other builds nothing is compiled.
#pragma once

#ifdef CAUCE_FAILPOINTS
namespace cauce {
void failpoint(const char* name);
}
#define FAILPOINT(name) ::cauce::failpoint(name)
#else
#define FAILPOINT(name) static_cast<void>(0)
#endif
