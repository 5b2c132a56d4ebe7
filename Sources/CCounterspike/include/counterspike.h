// The C interface of Counterspike: spiking neurons and networks for programs in other languages.
//
// Rules that hold for every function:
// - Arrays are the caller's, of 32-bit floats, row-major, time outermost. They are neither kept nor
//   changed, unless a parameter is an output, and need no alignment but that of a float.
// - What can go wrong is told by the returned code and the message in `status`, one line that says what to
//   do about it. `status` may be NULL. Nothing that a caller passes ends the process, as long as arrays are
//   as large as it says and handles are live ones of their type.
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
  // A NULL where there must be something, or a size out of its range.
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
};

typedef struct {
  int32_t code;
  // UTF-8 that ends with a 0; cut where it is longer.
  char message[1020];
} counterspike_status;

// The version of the library, as “0.1.0”; stays for ever.
const char *counterspike_version(void);

// A number that changes with every incompatible change of this header.
#define COUNTERSPIKE_INTERFACE 1
int32_t counterspike_interface(void);

// Calls `body(data)` on up to `threads` threads at the same time, the calling one among them, and waits for all of
// them: the function `GOMP_parallel` of every OpenMP library, whose flags are 0.
typedef void (*counterspike_parallel)(
    void (*body)(void *COUNTERSPIKE_NULLABLE data), void *COUNTERSPIKE_NULLABLE data, unsigned threads,
    unsigned flags);

// From now on the calls of neurons work on the caller's threads, which `parallel` starts, and not on threads of
// the library's own; NULL: on the latter, as from the beginning. OpenMP's threads wait for more work in a loop, so that
// the library's, beside them, would wait for a processor. A forked process has the library's own.
void counterspike_use_threads(counterspike_parallel COUNTERSPIKE_NULLABLE parallel);

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
  // Not 0: `currents` are one step's, `[N]`, and the same at every step. Their gradient is `[N]`, too, and
  // needs a membrane potential that begins at zero.
  int32_t repeats_currents;
} counterspike_neurons_input;

// Runs the neurons: `output` is `[T, N]`. The state behind the last step goes to `membrane`, `psc` and
// `adaptation`, `[N]` each or NULL; they may be the arrays that the state came from.
int32_t counterspike_neurons_forward(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    float *COUNTERSPIKE_NULLABLE output, float *COUNTERSPIKE_NULLABLE membrane,
    float *COUNTERSPIKE_NULLABLE psc, float *COUNTERSPIKE_NULLABLE adaptation,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// Windows that do not overlap, over which the output is summed before it is written, as by a pooling layer
// behind the neurons. These lie as `[…, rows, columns, channels]`, with channels = 1 where channels come first.
typedef struct {
  // Rows and columns of a window; they divide those of the neurons.
  int64_t height, width;
  int64_t columns, channels;
  // What a sum is multiplied by: 1, or 1 / (height · width) for the mean.
  float factor;
} counterspike_neurons_windows;

// As `counterspike_neurons_forward`, with an output of sums, `[T, …, rows / height, columns / width, channels]`.
// `windows`: NULL: none.
int32_t counterspike_neurons_forward_pooled(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    const counterspike_neurons_windows *COUNTERSPIKE_NULLABLE windows,
    float *COUNTERSPIKE_NULLABLE output, float *COUNTERSPIKE_NULLABLE membrane,
    float *COUNTERSPIKE_NULLABLE psc, float *COUNTERSPIKE_NULLABLE adaptation,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// The gradient with respect to the currents, `currents_gradient`, shaped like them, from that with respect to the
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

// The same of `counterspike_neurons_forward_pooled`: `output_gradient` is shaped like the sums.
int32_t counterspike_neurons_backward_pooled(
    const counterspike_neurons *COUNTERSPIKE_NULLABLE neurons,
    const counterspike_neurons_input *COUNTERSPIKE_NULLABLE input,
    const counterspike_neurons_windows *COUNTERSPIKE_NULLABLE windows,
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

// MARK: Samples

// Labelled samples that a network is trained on or judged by, copied from the caller batch by batch.
typedef struct counterspike_samples counterspike_samples;

// `shape`: of one sample, [C, H, W] for static inputs or [T, C, H, W] for spike trains; `dimensions`: 3 or 4.
// `classes`: how many there are, ≥ 1.
counterspike_samples *COUNTERSPIKE_NULLABLE counterspike_samples_create(
    const int64_t *COUNTERSPIKE_NULLABLE shape, int32_t dimensions, int32_t classes,
    counterspike_status *COUNTERSPIKE_NULLABLE status);
void counterspike_samples_destroy(counterspike_samples *COUNTERSPIKE_NULLABLE samples);

// Adds `count` samples, `values` one after the other and all finite, with the class of each, 0 ..< classes.
// Nothing is added where one is refused. A training that has started does not see what is added later.
int32_t counterspike_samples_append(
    counterspike_samples *COUNTERSPIKE_NULLABLE samples, int64_t count,
    const float *COUNTERSPIKE_NULLABLE values, const int32_t *COUNTERSPIKE_NULLABLE labels,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// The same with numbers as targets, for the loss squaredError. `target_shape`: [K], one number an output neuron,
// or [T, K]; `target_dimensions`: 1 or 2.
counterspike_samples *COUNTERSPIKE_NULLABLE counterspike_samples_create_numbers(
    const int64_t *COUNTERSPIKE_NULLABLE shape, int32_t dimensions,
    const int64_t *COUNTERSPIKE_NULLABLE target_shape, int32_t target_dimensions,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// As `counterspike_samples_append`, with the targets of each sample one after the other.
int32_t counterspike_samples_append_numbers(
    counterspike_samples *COUNTERSPIKE_NULLABLE samples, int64_t count,
    const float *COUNTERSPIKE_NULLABLE values, const float *COUNTERSPIKE_NULLABLE targets,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// MARK: Networks

// A trained network with its recipe.
typedef struct counterspike_network counterspike_network;

// Reads a run's folder, or a checkpoint in it.
counterspike_network *COUNTERSPIKE_NULLABLE counterspike_network_load(
    const char *COUNTERSPIKE_NULLABLE path, counterspike_status *COUNTERSPIKE_NULLABLE status);
void counterspike_network_destroy(counterspike_network *COUNTERSPIKE_NULLABLE network);

// Writes a checkpoint, which the command and `counterspike_network_load` read.
int32_t counterspike_network_save(
    const counterspike_network *COUNTERSPIKE_NULLABLE network,
    const char *COUNTERSPIKE_NULLABLE path, counterspike_status *COUNTERSPIKE_NULLABLE status);

// What it is, as JSON: timeSteps, inputShape, classes, isRegression, parameters (id and shape) and recipe. `needed`: its
// bytes with the 0 at the end; `text`: NULL, or where it is written if `capacity` is enough.
int32_t counterspike_network_describe(
    const counterspike_network *COUNTERSPIKE_NULLABLE network, char *COUNTERSPIKE_NULLABLE text,
    int64_t capacity, int64_t *COUNTERSPIKE_NULLABLE needed,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// The values of parameter `index` in the order of the description; `count`: how many there are.
int32_t counterspike_network_weights(
    const counterspike_network *COUNTERSPIKE_NULLABLE network, int32_t index,
    float *COUNTERSPIKE_NULLABLE values, int64_t count,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// The score of each class for each sample, `[count, classes]`: the largest one is the prediction. Of a network
// that was trained on numbers, those that it predicts. `values`:
// samples of `dimensions` 3 or 4 as in `counterspike_samples_create`, one after the other.
int32_t counterspike_network_predict(
    const counterspike_network *COUNTERSPIKE_NULLABLE network, int64_t count, int32_t dimensions,
    const float *COUNTERSPIKE_NULLABLE values, float *COUNTERSPIKE_NULLABLE scores, int32_t threads,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// What every layer's neurons do with some samples.
typedef struct counterspike_trace counterspike_trace;
counterspike_trace *COUNTERSPIKE_NULLABLE counterspike_network_trace(
    const counterspike_network *COUNTERSPIKE_NULLABLE network, int64_t count, int32_t dimensions,
    const float *COUNTERSPIKE_NULLABLE values, counterspike_status *COUNTERSPIKE_NULLABLE status);
void counterspike_trace_destroy(counterspike_trace *COUNTERSPIKE_NULLABLE trace);

// The layers as JSON, an array in `layers` of name and shape [T, B, C, H, W]; otherwise as
// `counterspike_network_describe`.
int32_t counterspike_trace_describe(
    const counterspike_trace *COUNTERSPIKE_NULLABLE trace, char *COUNTERSPIKE_NULLABLE text,
    int64_t capacity, int64_t *COUNTERSPIKE_NULLABLE needed,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

enum {
  COUNTERSPIKE_CURRENTS = 0,
  COUNTERSPIKE_MEMBRANE = 1,
  COUNTERSPIKE_SPIKES = 2,
  COUNTERSPIKE_PSC = 3,
};

// One of a layer's arrays, `count` values.
int32_t counterspike_trace_read(
    const counterspike_trace *COUNTERSPIKE_NULLABLE trace, int32_t layer, int32_t what,
    float *COUNTERSPIKE_NULLABLE values, int64_t count,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// How thoroughly an audit measures.
typedef struct {
  // Samples that losses and gradients are taken over, drawn from those given.
  int64_t samples;
  // Inverted spikes a layer.
  int64_t flips;
  // Antithetic pairs of perturbed weights a layer.
  int64_t perturbations;
  // Of what is drawn; the same seed gives the same audit.
  uint64_t seed;
} counterspike_audit_settings;

// Which gradient rule tells the truth about a network, as the command `audit` measures it.
typedef struct counterspike_audit counterspike_audit;
counterspike_audit *COUNTERSPIKE_NULLABLE counterspike_network_audit(
    const counterspike_network *COUNTERSPIKE_NULLABLE network,
    counterspike_samples *COUNTERSPIKE_NULLABLE samples,
    const counterspike_audit_settings *COUNTERSPIKE_NULLABLE settings, int32_t threads,
    counterspike_status *COUNTERSPIKE_NULLABLE status);
void counterspike_audit_destroy(counterspike_audit *COUNTERSPIKE_NULLABLE audit);

// The audit as JSON, that of the command; otherwise as `counterspike_network_describe`.
int32_t counterspike_audit_describe(
    const counterspike_audit *COUNTERSPIKE_NULLABLE audit, char *COUNTERSPIKE_NULLABLE text,
    int64_t capacity, int64_t *COUNTERSPIKE_NULLABLE needed,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// MARK: Training

// A training that runs on threads of its own while the caller waits for what it tells.
typedef struct counterspike_training counterspike_training;

// Starts one. `recipe`: a whole recipe in YAML, whose keys under data have no say; `validation`: what
// epochs are judged by, or NULL; `threads`: 0: one a processor.
counterspike_training *COUNTERSPIKE_NULLABLE counterspike_training_start(
    const char *COUNTERSPIKE_NULLABLE recipe, counterspike_samples *COUNTERSPIKE_NULLABLE training,
    counterspike_samples *COUNTERSPIKE_NULLABLE validation, int32_t threads,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// Waits up to `milliseconds` for what the training tells next: a JSON object whose “event” is step, epoch,
// warning or, when it is over, end with the “outcome” finished or stopped; an empty text: nothing yet. Of
// steps only the latest is told. Where the training failed, its error.
int32_t counterspike_training_next(
    counterspike_training *COUNTERSPIKE_NULLABLE training, int32_t milliseconds,
    char *COUNTERSPIKE_NULLABLE text, int64_t capacity,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// Asks it to stop behind the present step.
void counterspike_training_stop(counterspike_training *COUNTERSPIKE_NULLABLE training);

// The network of a training that is over: that of the epoch which the recipe's training.modelSelection
// chooses.
counterspike_network *COUNTERSPIKE_NULLABLE counterspike_training_network(
    counterspike_training *COUNTERSPIKE_NULLABLE training,
    counterspike_status *COUNTERSPIKE_NULLABLE status);

// Stops it where it still runs, and waits for its end.
void counterspike_training_destroy(counterspike_training *COUNTERSPIKE_NULLABLE training);

#if defined(__clang__)
#pragma clang assume_nonnull end
#endif

#ifdef __cplusplus
}
#endif

#endif
