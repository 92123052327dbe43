// Carries the compiled standard.h.
#include "standard.h"
