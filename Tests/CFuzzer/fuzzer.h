#pragma once

#include <stddef.h>
#include <stdint.h>

/// libFuzzer's own loop: calls `run` with inputs that it finds by what earlier ones reached.
int LLVMFuzzerRunDriver(
    int *count, char ***arguments, int (*run)(const uint8_t *data, size_t size));
