#include "counterspike_onednn.h"
