// The child process: starting, limiting, hearing and ending it.

#ifdef COUNTERSPIKE_HDF5

#if defined(__linux__)
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve.h"

// No child may be made while another one's pipe is open in this process: it would keep the end that
// is written to, and the end of the other child would go unnoticed.
static pthread_mutex_t starting = PTHREAD_MUTEX_INITIALIZER;

static void limit(int resource, int64_t most) {
  struct rlimit old;
  if (getrlimit(resource, &old) != 0) return;
  struct rlimit new = old;
  if (new.rlim_cur == RLIM_INFINITY || new.rlim_cur > (rlim_t)most) new.rlim_cur = (rlim_t)most;
  setrlimit(resource, &new);
}

// Bytes of address space that this process has.
static int64_t address_space(void) {
  char text[64] = {0};
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  return count > 0 ? strtoll(text, NULL, 10) * sysconf(_SC_PAGESIZE) : -1;
}

// The parent's files are none of the child's, which would otherwise hold their locks as long as it lives.
static void close_others(int kept) {
  int most = (int)sysconf(_SC_OPEN_MAX);
  if (most < 0 || most > 1 << 16) most = 1 << 16;
  for (int file = 3; file < most; file++) {
    if (file != kept) close(file);
  }
}

static void prepare(int64_t memory, int64_t seconds) {
  // Crashes are expected here, and nobody wants to hear of them.
  static const int signals[] = {SIGSEGV, SIGBUS,  SIGABRT, SIGFPE,  SIGILL, SIGTRAP,
                                SIGPIPE, SIGXCPU, SIGTERM, SIGALRM, SIGSYS};
  for (size_t index = 0; index < sizeof signals / sizeof *signals; index++) {
    signal(signals[index], SIG_DFL);
  }
  // Ctrl-C is for the parent, which then ends this one.
  signal(SIGINT, SIG_IGN);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    for (int file = 0; file < 3; file++) dup2(nowhere, file);
    if (nowhere > 2) close(nowhere);
  }
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_CPU, seconds);
#if defined(__linux__)
  int64_t now = address_space();
  if (now >= 0) limit(RLIMIT_AS, now + memory);
#else
  (void)address_space;
  (void)memory;
#endif
}

void counterspike_hdf5_lock(void) { pthread_mutex_lock(&starting); }
void counterspike_hdf5_unlock(void) { pthread_mutex_unlock(&starting); }

typedef void service(const char *path, int64_t size, int output);

static int start(service *serve, const char *path, int64_t size, int64_t memory, int64_t seconds,
                 counterspike_hdf5_child *child) {
  int ends[2];
  pthread_mutex_lock(&starting);
  if (pipe(ends) != 0) {
    int reason = errno;
    pthread_mutex_unlock(&starting);
    return reason;
  }
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  fcntl(ends[1], F_SETFD, FD_CLOEXEC);
  pid_t process = fork();
  if (process == 0) {
    // A dead parent is noticed when something is sent.
    close(ends[0]);
    prepare(memory, seconds);
    close_others(ends[1]);
    serve(path, size, ends[1]);
    // Nothing of the parent's may run here, such as handlers of its end.
    _exit(0);
  }
  int reason = errno;
  close(ends[1]);
  pthread_mutex_unlock(&starting);
  if (process < 0) {
    close(ends[0]);
    return reason;
  }
  child->process = process;
  child->descriptor = ends[0];
  return 0;
}

int counterspike_hdf5_start(const char *path, int64_t size, int64_t memory, int64_t seconds,
                            counterspike_hdf5_child *child) {
  return start(counterspike_hdf5_serve, path, size, memory, seconds, child);
}

int counterspike_hdf5_start_tree(const char *path, int64_t size, int64_t memory, int64_t seconds,
                                 counterspike_hdf5_child *child) {
  return start(counterspike_hdf5_serve_tree, path, size, memory, seconds, child);
}

int counterspike_hdf5_receive(counterspike_hdf5_child *child, void *bytes, size_t count,
                              int patience) {
  char *target = bytes;
  while (count > 0) {
    struct pollfd request = {.fd = child->descriptor, .events = POLLIN};
    int ready = poll(&request, 1, patience);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return 2;
    if (ready < 0) return 1;
    ssize_t step = read(child->descriptor, target, count);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) return 1;
    target += step;
    count -= (size_t)step;
  }
  return 0;
}

int counterspike_hdf5_stop(counterspike_hdf5_child *child) {
  int status = 0;
  pid_t process = child->process, result;
  if (process <= 0) return 0;
  close(child->descriptor);
  child->process = 0;
  child->descriptor = -1;
  // A child that ended by itself keeps the reason until it is asked for; one that is about to end
  // because of its signal has closed its pipe already, and is given the time.
  for (int attempt = 0; attempt < 100; attempt++) {
    result = waitpid(process, &status, WNOHANG);
    if (result != 0) break;
    if (attempt == 0) continue;
    usleep(1000);
  }
  if (result == 0) {
    kill(process, SIGKILL);
    while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    return 0;
  }
  return result > 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

#endif
