// For sigaction, sigaltstack and clock_gettime beside standard C.
#define _XOPEN_SOURCE 700

#include "stop_signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static atomic_int received;
// When the first signal came, by the clock that never goes back, in nanoseconds; 0: none did.
static _Atomic int64_t first;
// Where the handler runs, see install(). A frame with the registers of AVX-512 and AMX takes 11 KB.
static char stack[1 << 16];
static const char *text;
static size_t text_length;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// Calls only what a handler may: atomics, clock_gettime, write and _exit.
static void receive(int number) {
  const int before = errno;
  const int64_t time = now();
  int64_t none = 0;
  if (atomic_compare_exchange_strong(&first, &none, time)) {
    atomic_store(&received, number);
    if (text_length > 0 && write(STDERR_FILENO, text, text_length) < 0) {
      // Nobody is left to be told.
    }
  } else if (number != SIGHUP && time > none + 500000000) {
    // Without waiting for other threads, nor for anything that wants to run at an exit.
    _exit(128 + number);
  }
  errno = before;
}

void counterspike_stop_signals_install(const char *notice, size_t length) {
  text = notice;
  text_length = length;
  // oneDNN's generated code points the stack pointer at memory of its own, into which the kernel would
  // write a handler's frame: a signal then damages what lies there, such as malloc's lists.
  const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  sigaltstack(&own, NULL);
  const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
  sigset_t signals;
  sigemptyset(&signals);
  for (int i = 0; i < 3; ++i) {
    struct sigaction action, before;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    action.sa_handler = receive;
    sigaddset(&signals, numbers[i]);
    if (sigaction(numbers[i], NULL, &before) != 0) continue;
    // Whoever starts a training by nohup wants it to outlive the terminal.
    if (numbers[i] == SIGHUP && before.sa_handler == SIG_IGN) continue;
    sigaction(numbers[i], &action, NULL);
  }
  // Who was started by a thread that blocks signals has them blocked.
  pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

int counterspike_stop_signals_received(void) { return atomic_load(&received); }
