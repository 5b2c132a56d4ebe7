// Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) as a number that a training looks at.
//
// In C, because a handler may run between any two instructions, also inside of malloc, and unoptimized Swift
// allocates where one does not see it.

#ifndef COUNTERSPIKE_STOP_SIGNALS_H
#define COUNTERSPIKE_STOP_SIGNALS_H

#include <stddef.h>

// Takes over the three signals on the calling thread, which all others leave them to; SIGHUP only where it was not ignored before, as under nohup. The first one
// writes `notice` to standard error, whose bytes must stay where they are for ever. SIGINT or SIGTERM more
// than half a second later ends the program at once, with status 128 + the signal's number.
void counterspike_stop_signals_install(const char *notice, size_t length);

// The first signal that came; 0: none did.
int counterspike_stop_signals_received(void);

#endif
