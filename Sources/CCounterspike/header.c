// The header must be C on its own.
#include "counterspike.h"
