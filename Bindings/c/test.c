// The C interface from C99: what comes back, and that bad input comes back as a code and one line.
#include <counterspike.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                  \
  do {                                                                    \
    if (!(condition)) {                                                   \
      fprintf(stderr, "test.c:%d: %s\n", __LINE__, #condition);           \
      failures += 1;                                                      \
    }                                                                     \
  } while (0)

// A refusal: the code, and one line of text that has the word.
static void refused(int32_t code, const counterspike_status *status, int32_t expected, const char *word) {
  if (code != expected || status->code != expected || strstr(status->message, word) == NULL ||
      strchr(status->message, '\n') != NULL) {
    fprintf(stderr, "test.c: “%s” has the code %d where %d and “%s” are expected\n", status->message,
            (int)code, (int)expected, word);
    failures += 1;
  }
}

enum { T = 6, N = 3 };

static void neurons(void) {
  counterspike_status status;
  counterspike_neurons *layer = counterspike_neurons_create(
      "network: {neuron: {membraneTimeConstant: 5, synapticTimeConstant: 1, threshold: 1, reset: zero}}\n"
      "gradient: {rule: surrogate, surrogate: {shape: sigmoid, width: 0.2}}\n", &status);
  CHECK(layer != NULL && status.code == COUNTERSPIKE_OK && status.message[0] == 0);
  float currents[T * N], output[T * N], membrane[N], gradient[T * N], deltas[T * N];
  for (int i = 0; i < T * N; i++) {
    currents[i] = 0.3f + 0.4f * (float)(i % 5);
    gradient[i] = 1;
  }
  counterspike_neurons_input input = {.time_steps = T, .neurons = N, .currents = currents, .threads = 1};
  CHECK(counterspike_neurons_forward(layer, &input, output, membrane, NULL, NULL, &status) == 0);
  // The equations of the header, one neuron after the other.
  for (int n = 0; n < N; n++) {
    double v = 0;
    for (int t = 0; t < T; t++) {
      double u = 0.8 * v + currents[t * N + n];
      double s = u > 1 ? 1 : 0;
      CHECK(output[t * N + n] == (float)s);
      v = u * (1 - s);
    }
    CHECK(fabs(membrane[n] - v) < 1e-5);
  }
  CHECK(counterspike_neurons_backward(layer, &input, gradient, deltas, NULL, &status) == 0);
  for (int i = 0; i < T * N; i++) CHECK(isfinite(deltas[i]) && deltas[i] > 0);
  refused(counterspike_neurons_forward(layer, NULL, output, NULL, NULL, NULL, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "NULL");
  refused(counterspike_neurons_forward(NULL, &input, output, NULL, NULL, NULL, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "NULL");
  CHECK(counterspike_neurons_forward(layer, NULL, NULL, NULL, NULL, NULL, NULL) != 0);
  counterspike_neurons_destroy(layer);
  counterspike_neurons_destroy(NULL);
  CHECK(counterspike_neurons_create("network: {neuron: {treshold: 1}}", &status) == NULL);
  refused(status.code, &status, COUNTERSPIKE_INVALID_RECIPE, "threshold");
}

// A plane of 4 × 6 neurons whose output is summed over windows of 2 × 3, and its gradient.
static void pooled(void) {
  enum { ROWS = 4, COLUMNS = 6, NEURONS = ROWS * COLUMNS, WINDOWS = NEURONS / 6 };
  counterspike_status status;
  counterspike_neurons *layer = counterspike_neurons_create("network: {neuron: {synapticTimeConstant: 3}}", &status);
  CHECK(layer != NULL);
  float currents[T * NEURONS], output[T * NEURONS], sums[T * WINDOWS], deltas[T * NEURONS];
  float gradient[T * WINDOWS], errors[T * NEURONS], expected[T * NEURONS];
  for (int i = 0; i < T * NEURONS; i++) currents[i] = 0.1f + 0.3f * (float)(i % 7);
  for (int i = 0; i < T * WINDOWS; i++) gradient[i] = 0.5f - (float)(i % 3);
  counterspike_neurons_input input = {.time_steps = T, .neurons = NEURONS, .currents = currents, .threads = 1};
  counterspike_neurons_windows windows = {.height = 2, .width = 3, .columns = COLUMNS, .channels = 1, .factor = 2};
  CHECK(counterspike_neurons_forward(layer, &input, output, NULL, NULL, NULL, &status) == 0);
  CHECK(counterspike_neurons_forward_pooled(layer, &input, &windows, sums, NULL, NULL, NULL, &status) == 0);
  double wanted[T * WINDOWS] = {0};
  for (int i = 0; i < T * NEURONS; i++) {
    int row = i / COLUMNS, column = i % COLUMNS, window = row / 2 * 2 + column / 3;
    wanted[window] += 2.0 * output[i];
    errors[i] = 2 * gradient[window];
  }
  for (int i = 0; i < T * WINDOWS; i++) CHECK(fabs(sums[i] - wanted[i]) < 1e-5);
  CHECK(counterspike_neurons_backward(layer, &input, errors, expected, NULL, &status) == 0);
  CHECK(counterspike_neurons_backward_pooled(layer, &input, &windows, gradient, deltas, NULL, &status) == 0);
  for (int i = 0; i < T * NEURONS; i++) CHECK(deltas[i] == expected[i]);
  windows.width = 4;
  refused(counterspike_neurons_forward_pooled(layer, &input, &windows, sums, NULL, NULL, NULL, &status), &status,
          COUNTERSPIKE_MISMATCH, "do not divide");
  windows.width = 3;
  windows.height = 3;
  refused(counterspike_neurons_backward_pooled(layer, &input, &windows, gradient, deltas, NULL, &status), &status,
          COUNTERSPIKE_MISMATCH, "choose a height");
  windows.height = INT64_MAX;
  refused(counterspike_neurons_forward_pooled(layer, &input, &windows, sums, NULL, NULL, NULL, &status), &status,
          COUNTERSPIKE_MISMATCH, "windows of sizes");
  windows.height = 2;
  windows.factor = (float)NAN;
  refused(counterspike_neurons_forward_pooled(layer, &input, &windows, sums, NULL, NULL, NULL, &status), &status,
          COUNTERSPIKE_MISMATCH, "finite");
  counterspike_neurons_destroy(layer);
}

static void training(void) {
  counterspike_status status;
  const int64_t shape[3] = {4, 1, 1};
  counterspike_samples *samples = counterspike_samples_create(shape, 3, 2, &status);
  CHECK(samples != NULL);
  float values[16 * 4];
  int32_t labels[16];
  for (int i = 0; i < 16; i++) {
    labels[i] = i % 2;
    for (int k = 0; k < 4; k++) values[i * 4 + k] = (k % 2 == i % 2) ? 2.0f : 0.1f * (float)k;
  }
  CHECK(counterspike_samples_append(samples, 16, values, labels, &status) == 0);
  labels[3] = 2;
  refused(counterspike_samples_append(samples, 16, values, labels, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "label 2");
  labels[3] = 1;
  values[5] = NAN;
  refused(counterspike_samples_append(samples, 16, values, labels, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "finite");
  values[5] = 0.1f;
  counterspike_training *run = counterspike_training_start(
      "network: {layers: 5-2, timeSteps: 4}\ntraining: {epochs: 2, batchSize: 8}", samples, NULL, 1, &status);
  CHECK(run != NULL);
  char text[4096];
  int epochs = 0;
  do {
    CHECK(counterspike_training_next(run, 1000, text, sizeof text, &status) == 0);
    if (strstr(text, "\"epoch\"") != NULL && strstr(text, "\"event\":\"epoch\"") != NULL) epochs += 1;
  } while (status.code == 0 && strstr(text, "\"end\"") == NULL);
  CHECK(epochs == 2);
  counterspike_network *network = counterspike_training_network(run, &status);
  CHECK(network != NULL);
  counterspike_training_destroy(run);
  counterspike_samples_destroy(samples);
  float scores[16 * 2], again[16 * 2];
  CHECK(counterspike_network_predict(network, 16, 3, values, scores, 1, &status) == 0);
  CHECK(counterspike_network_predict(network, 16, 3, values, again, 3, &status) == 0);
  CHECK(memcmp(scores, again, sizeof scores) == 0);
  int64_t needed = 0;
  CHECK(counterspike_network_describe(network, NULL, 0, &needed, &status) == 0 && needed > 100);
  refused(counterspike_network_describe(network, text, 5, NULL, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "room");
  refused(counterspike_network_predict(network, 16, 7, values, scores, 1, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "7 dimensions");
  counterspike_network_destroy(network);
  CHECK(counterspike_network_load("/nowhere/at/all", &status) == NULL);
  refused(status.code, &status, COUNTERSPIKE_UNREADABLE_FILE, "nowhere");
}

static void numbers(void) {
  counterspike_status status;
  const int64_t shape[3] = {2, 1, 1}, targets_shape[1] = {1};
  counterspike_samples *samples = counterspike_samples_create_numbers(shape, 3, targets_shape, 1, &status);
  CHECK(samples != NULL);
  float values[16 * 2], targets[16];
  for (int i = 0; i < 16; i++) {
    values[2 * i] = (float)i / 8 - 1;
    values[2 * i + 1] = 1;
    targets[i] = (float)i / 32;
  }
  CHECK(counterspike_samples_append_numbers(samples, 16, values, targets, &status) == 0);
  const int32_t labels[16] = {0};
  refused(counterspike_samples_append(samples, 16, values, labels, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "append_numbers");
  targets[7] = INFINITY;
  refused(counterspike_samples_append_numbers(samples, 16, values, targets, &status), &status,
          COUNTERSPIKE_INVALID_ARGUMENT, "finite");
  CHECK(counterspike_samples_create_numbers(shape, 3, targets_shape, 3, &status) == NULL);
  refused(status.code, &status, COUNTERSPIKE_INVALID_ARGUMENT, "3 dimensions");
  CHECK(counterspike_samples_create_numbers(shape, 3, NULL, 1, &status) == NULL);
  refused(status.code, &status, COUNTERSPIKE_INVALID_ARGUMENT, "target_shape");
  counterspike_training *run = counterspike_training_start(
      "network: {layers: 5-1, timeSteps: 4}\ntraining: {epochs: 1, batchSize: 8}\n"
      "loss: {kind: squaredError}", samples, NULL, 1, &status);
  CHECK(run != NULL);
  char text[4096];
  do {
    CHECK(counterspike_training_next(run, 1000, text, sizeof text, &status) == 0);
  } while (status.code == 0 && strstr(text, "\"end\"") == NULL);
  counterspike_network *network = counterspike_training_network(run, &status);
  CHECK(network != NULL);
  counterspike_training_destroy(run);
  float found[16];
  CHECK(counterspike_network_predict(network, 16, 3, values, found, 1, &status) == 0);
  for (int i = 0; i < 16; i++) CHECK(found[i] >= 0 && found[i] <= 1);
  counterspike_audit_settings settings = {8, 20, 2, 1};
  counterspike_audit *audit = counterspike_network_audit(network, samples, &settings, 1, &status);
  CHECK(audit != NULL);
  int64_t needed = 0;
  CHECK(counterspike_audit_describe(audit, NULL, 0, &needed, &status) == 0 && needed > 100);
  counterspike_audit_destroy(audit);
  settings.flips = 0;
  CHECK(counterspike_network_audit(network, samples, &settings, 1, &status) == NULL);
  refused(status.code, &status, COUNTERSPIKE_INVALID_RECIPE, "flips");
  CHECK(counterspike_network_audit(network, NULL, &settings, 1, &status) == NULL);
  counterspike_network_destroy(network);
  counterspike_samples_destroy(samples);
}

static int teams;

// Lends the calling thread alone.
static void alone(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
  CHECK(threads == 4 && flags == 0);
  teams += 1;
  body(data);
  body(data);
}

static void none(void (*body)(void *), void *data, unsigned threads, unsigned flags) {
  (void)body, (void)data, (void)threads, (void)flags;
}

// The same bytes whoever works.
static void lent_threads(void) {
  enum { STEPS = 4, NEURONS = 40000 };
  static float currents[STEPS * NEURONS], expected[STEPS * NEURONS], found[STEPS * NEURONS];
  counterspike_status status;
  counterspike_neurons *layer = counterspike_neurons_create("network: {neuron: {synapticTimeConstant: 3}}", &status);
  CHECK(layer != NULL);
  for (int i = 0; i < STEPS * NEURONS; i++) currents[i] = (float)(i % 17) * 0.1f;
  counterspike_neurons_input input = {0};
  input.time_steps = STEPS;
  input.neurons = NEURONS;
  input.currents = currents;
  input.threads = 4;
  CHECK(counterspike_neurons_forward(layer, &input, expected, NULL, NULL, NULL, &status) == 0);
  const counterspike_parallel lenders[3] = {alone, none, NULL};
  for (int i = 0; i < 3; i++) {
    counterspike_use_threads(lenders[i]);
    memset(found, 0, sizeof found);
    CHECK(counterspike_neurons_forward(layer, &input, found, NULL, NULL, NULL, &status) == 0);
    CHECK(memcmp(found, expected, sizeof found) == 0);
  }
  CHECK(teams == 1);
  counterspike_neurons_destroy(layer);
}

int main(void) {
  CHECK(counterspike_interface() == COUNTERSPIKE_INTERFACE);
  CHECK(strlen(counterspike_version()) > 0);
  neurons();
  pooled();
  lent_threads();
  training();
  numbers();
  if (failures == 0) printf("the C interface is in order\n");
  return failures == 0 ? 0 : 1;
}
