// The C interface of Counterspike: spiking neurons and networks for programs in other languages.
//
// Rules that hold for every function:
// - Arrays are the caller's, of 32-bit floats, row-major, time outermost. They are neither kept nor
//   changed, unless a parameter is an output, and need no alignment but that of a float.
// - What can go wrong is told by the returned code and the message in `status`, one line that says what to
//   do about it. `status` may be NULL. Nothing that a caller passes ends the process, as long as arrays are
//   as large as it says.
// - Functions may be called from any thread. A handle may be used by several threads at the same time
//   unless it says otherwise; who destroys it must be its last user.
// - Signal handlers, the signal mask and the OpenMP settings of the caller's threads stay as they are.
// - Results are the same bytes for any number of threads.

#ifndef COUNTERSPIKE_H
#define COUNTERSPIKE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__)
#pragma clang assume_nonnull begin
#define COUNTERSPIKE_NULLABLE _Nullable
#else
#define COUNTERSPIKE_NULLABLE
#endif

// Codes of `counterspike_status`.
enum {
  COUNTERSPIKE_OK = 0,
  // A NULL where there must be something, a size out of its range, a handle that is none.
  COUNTERSPIKE_INVALID_ARGUMENT = 1,
  // A recipe or a setting that cannot be used.
  COUNTERSPIKE_INVALID_RECIPE = 2,
  // A file or folder that does not exist, cannot be read or is damaged.
  COUNTERSPIKE_UNREADABLE_FILE = 3,
  COUNTERSPIKE_UNWRITABLE_FILE = 4,
  // Things that are each sound and do not fit each other.
  COUNTERSPIKE_MISMATCH = 5,
  // The system or a library refused: memory, threads.
  COUNTERSPIKE_LIBRARY_FAILURE = 6,
  // Training cannot go on: the loss is no longer a number.
  COUNTERSPIKE_DIVERGED = 7,
  // The caller's callback asked to stop.
  COUNTERSPIKE_STOPPED = 8,
};

typedef struct {
  int32_t code;
  // UTF-8 that ends with a 0; cut where it is longer.
  char message[1020];
} counterspike_status;

// The version of the library, as “0.7.0”; stays for ever.
const char *counterspike_version(void);

// A number that changes with every incompatible change of this header.
#define COUNTERSPIKE_INTERFACE 1
int32_t counterspike_interface(void);

// MARK: Neurons

// A layer of spiking neurons and the rule of its gradient, as a function of arrays: N neurons over T time
// steps, `[T, N]`.
//
//     u[t] = m·v[t−1] + c[t],   s[t] = u[t] > θ[t],   a[t] = d·a[t−1] + (1 − d)·s[t]
//     v[t] = u[t] behind the reset, m = 1 − 1/τ_m, d = 1 − 1/τ_s
//
// with an adaptive threshold θ[t] = θ + β·b[t−1], b[t] = ρ·b[t−1] + (1 − ρ)·s[t]. The output is a, the
// post-synaptic current; without a synapse (τ_s = 1) the spikes. A handle has no state; calls do.
typedef struct counterspike_neurons counterspike_neurons;

// `recipe`: the keys network.neuron and gradient of a recipe in YAML, UTF-8:
//
//     network: {neuron: {membraneTimeConstant: 5, synapticTimeConstant: 1, threshold: 1, reset: zero}}
//     gradient: {rule: surrogate, surrogate: {shape: sigmoid, width: 0.2}}
//
// NULL where it is refused.
counterspike_neurons *COUNTERSPIKE_NULLABLE counterspike_neurons_create(
    const char *COUNTERSPIKE_NULLABLE recipe, counterspike_status *COUNTERSPIKE_NULLABLE status);

void counterspike_neurons_destroy(counterspike_neurons *COUNTERSPIKE_NULLABLE neurons);

// What a call works on.
typedef struct {
  // T ≥ 1 and N ≥ 0.
  int64_t time_steps, neurons;
  // c, `[T, N]`, and the state before the first step, `[N]` each or NULL for zeros: v, a and b.
  const float *COUNTERSPIKE_NULLABLE currents;
  const float *COUNTERSPIKE_NULLABLE membrane;
  const float *COUNTERSPIKE_NULLABLE psc;
  const float *COUNTERSPIKE_NULLABLE adaptation;
  // NULL, or τ_m, τ_s and θ in place of those of the settings.
  const double *COUNTERSPIKE_NULLABLE constants;
  // Threads, the calling one included; 0: one a processor.
  int32_t threads;
} counterspike_neurons_input;

// Runs the neurons: `output` is `[T, N]`. The state behind the last step goes to `membrane`, `psc` and
// `adaptation`, `[N]` each or NULL; they may be the arrays that the state came from.
int32_t counterspike_neurons_forward(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    float *COUNTERSPIKE_NULLABLE output, float *COUNTERSPIKE_NULLABLE membrane,
    float *COUNTERSPIKE_NULLABLE psc, float *COUNTERSPIKE_NULLABLE adaptation,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// The gradient with respect to the currents, `currents_gradient`, `[T, N]`, from that with respect to the
// output. `input` is that of the forward pass. Backpropagation begins and ends with the array: the states
// before and behind it have no gradient. `constant_gradients`: NULL, or where the gradients of τ_m, τ_s and θ
// go.
int32_t counterspike_neurons_backward(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    const float *COUNTERSPIKE_NULLABLE output_gradient,
    float *COUNTERSPIKE_NULLABLE currents_gradient,
    double *COUNTERSPIKE_NULLABLE constant_gradients,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// Gradients with respect to the neurons' state, `[N]` each.
typedef struct {
  float *COUNTERSPIKE_NULLABLE membrane;
  float *COUNTERSPIKE_NULLABLE psc;
  float *COUNTERSPIKE_NULLABLE adaptation;
} counterspike_neurons_state;

// The gradients of one time step, T = 1, for callers that go back through the steps themselves. `behind`:
// with respect to the state behind the step, read only; its psc's must be in `output_gradient` already, and
// is not looked at. `before`: with respect to the state before the step, written where not NULL.
int32_t counterspike_neurons_step_backward(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    const float *COUNTERSPIKE_NULLABLE output_gradient,
    const counterspike_neurons_state *COUNTERSPIKE_NULLABLE behind,
    float *COUNTERSPIKE_NULLABLE currents_gradient,
    const counterspike_neurons_state *COUNTERSPIKE_NULLABLE before,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
