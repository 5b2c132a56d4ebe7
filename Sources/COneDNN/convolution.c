#include "counterspike_onednn.h"

#include <stdlib.h>

#include "compatibility.h"

// One of the three passes: what oneDNN needs to run it, shared by all threads.
typedef struct {
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
} pass;

struct counterspike_convolution {
  dnnl_engine_t engine;
  dnnl_stream_t stream;  // for packing only; each call has its own
  convolution_geometry geometry;
  descriptor plain_weights;
  pass forward, backward_data, backward_weights;
  // From float32 to the factors' type; empty where that is float32, too.
  pass round_source, round_destination;
  // Weights in the order that a pass wants: one memory a pass, made and filled by
  // pack().
  dnnl_memory_t forward_weights, backward_data_weights;
  pass pack_forward, pack_backward_data, unpack_gradient;
  dnnl_memory_t plain, packed_gradient;  // the caller's memory, set at each use
};

struct counterspike_convolution_call {
  const counterspike_convolution *convolution;
  dnnl_stream_t stream;
  dnnl_memory_t images, output;                    // forward
  dnnl_memory_t image_gradient, output_gradient;   // backward data
  dnnl_memory_t images_again, output_gradient_again, packed_gradient;  // backward weights
  dnnl_memory_t forward_scratch, data_scratch, weights_scratch;
  dnnl_memory_t exact_source, exact_destination;   // what is rounded
};

#define TRY(expression)                            \
  do {                                             \
    dnnl_status_t status_ = (expression);          \
    if (status_ != dnnl_success) return status_;   \
  } while (0)

static void pass_destroy(pass *p) {
  if (p->primitive) dnnl_primitive_destroy(p->primitive);
  if (p->description) dnnl_primitive_desc_destroy(p->description);
}

static descriptor_view pass_view(const pass *p, dnnl_query_t what) {
  return dnnl_primitive_desc_query_md(p->description, what, 0);
}

static size_t aligned(size_t bytes) { return (bytes + 63) / 64 * 64; }

// Bytes of the rounded copy that `round` makes.
static size_t copy_bytes(const pass *round) {
  if (!round->description) return 0;
  return aligned(dnnl_memory_desc_get_size(pass_view(round, dnnl_query_dst_md)));
}

static size_t pass_scratch(const pass *p) {
  if (!p->description) return 0;
  return dnnl_memory_desc_get_size(pass_view(p, dnnl_query_scratchpad_md));
}

static int reorder_create(pass *p, descriptor_view from, descriptor_view to,
                          dnnl_engine_t engine) {
  TRY(dnnl_reorder_primitive_desc_create(&p->description, from, engine, to, engine, NULL));
  TRY(dnnl_primitive_create(&p->primitive, p->description));
  return 0;
}

static int reorder_run(const pass *p, dnnl_stream_t stream, dnnl_memory_t from,
                       dnnl_memory_t to) {
  dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  return dnnl_primitive_execute(p->primitive, stream, 2, arguments);
}

static int tensor_create(tensor_descriptors *tensor, int count, const dnnl_dims_t dims,
                         dnnl_data_type_t factors, dnnl_format_tag_t tag) {
  TRY(descriptor_create(&tensor->factor, count, dims, factors, tag));
  TRY(descriptor_create(&tensor->sum, count, dims, dnnl_f32, tag));
  return 0;
}

static void tensor_destroy(tensor_descriptors *tensor) {
  descriptor_destroy(&tensor->factor);
  descriptor_destroy(&tensor->sum);
}

static int convolution_build(counterspike_convolution *c,
                             const counterspike_convolution_shape *shape,
                             counterspike_precision precision, bool backward,
                             bool needs_data_gradient) {
  const dnnl_data_type_t factors = precision == counterspike_bfloat16 ? dnnl_bf16 : dnnl_f32;
  const counterspike_convolution_shape s = *shape;
  dnnl_dims_t source = {s.images, s.in_channels, s.in_height, s.in_width};
  const bool is_grouped = s.groups > 1;
  dnnl_dims_t weights = {s.out_channels, s.in_channels, s.kernel, s.kernel};
  if (is_grouped) {
    weights[0] = s.groups;
    weights[1] = s.out_channels / s.groups;
    weights[2] = s.in_channels / s.groups;
    weights[3] = weights[4] = s.kernel;
  }
  dnnl_dims_t destination = {s.images, s.out_channels, s.out_height, s.out_width};
  convolution_geometry *g = &c->geometry;
  const int64_t input[2] = {s.in_height, s.in_width}, output[2] = {s.out_height, s.out_width};
  for (int i = 0; i < 2; ++i) {
    g->strides[i] = s.stride;
    g->dilations[i] = 0;
    g->padding_before[i] = s.padding;
    g->padding_after[i] = (output[i] - 1) * s.stride + s.kernel - input[i] - s.padding;
  }
  const int count = is_grouped ? 5 : 4;
  TRY(tensor_create(&g->source, 4, source, factors, dnnl_nhwc));
  TRY(tensor_create(&g->weights, count, weights, factors, dnnl_format_tag_any));
  TRY(tensor_create(&g->destination, 4, destination, factors, dnnl_nhwc));
  TRY(descriptor_create(&c->plain_weights, count, weights, dnnl_f32,
                        is_grouped ? dnnl_goihw : dnnl_oihw));
  TRY(dnnl_engine_create(&c->engine, dnnl_cpu, 0));
  TRY(dnnl_stream_create(&c->stream, c->engine, dnnl_stream_default_flags));

  dnnl_primitive_attr_t attributes;
  TRY(dnnl_primitive_attr_create(&attributes));
  dnnl_status_t status =
      dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user);
  if (status == dnnl_success)
    status = describe_forward(&c->forward.description, g, backward, s.out_channels, c->engine,
                              attributes);
  if (status == dnnl_success && needs_data_gradient)
    status = describe_backward_data(&c->backward_data.description, g, c->engine, attributes,
                                    c->forward.description);
  if (status == dnnl_success && backward)
    status = describe_backward_weights(&c->backward_weights.description, g, c->engine, attributes,
                                       c->forward.description);
  dnnl_primitive_attr_destroy(attributes);
  if (status != dnnl_success) return status;

  if (factors != dnnl_f32) {
    TRY(reorder_create(&c->round_source, descriptor_use(&g->source.sum),
                       descriptor_use(&g->source.factor), c->engine));
    if (backward)
      TRY(reorder_create(&c->round_destination, descriptor_use(&g->destination.sum),
                         descriptor_use(&g->destination.factor), c->engine));
  }
  descriptor_view plain = descriptor_use(&c->plain_weights);
  descriptor_view packed = pass_view(&c->forward, dnnl_query_weights_md);
  TRY(dnnl_primitive_create(&c->forward.primitive, c->forward.description));
  TRY(dnnl_memory_create(&c->plain, plain, c->engine, DNNL_MEMORY_NONE));
  TRY(reorder_create(&c->pack_forward, plain, packed, c->engine));
  if (needs_data_gradient) {
    packed = pass_view(&c->backward_data, dnnl_query_weights_md);
    TRY(dnnl_primitive_create(&c->backward_data.primitive, c->backward_data.description));
    TRY(reorder_create(&c->pack_backward_data, plain, packed, c->engine));
  }
  if (backward) {
    packed = pass_view(&c->backward_weights, dnnl_query_diff_weights_md);
    TRY(dnnl_primitive_create(&c->backward_weights.primitive, c->backward_weights.description));
    TRY(dnnl_memory_create(&c->packed_gradient, packed, c->engine, DNNL_MEMORY_NONE));
    TRY(reorder_create(&c->unpack_gradient, packed, plain, c->engine));
  }
  return 0;
}

int counterspike_convolution_create(const counterspike_convolution_shape *shape,
                                    counterspike_precision precision, bool backward,
                                    bool needs_data_gradient,
                                    counterspike_convolution **convolution) {
  counterspike_convolution *c = calloc(1, sizeof *c);
  if (!c) return dnnl_out_of_memory;
  int status = convolution_build(c, shape, precision, backward, backward && needs_data_gradient);
  if (status != 0) {
    counterspike_convolution_destroy(c);
    return status;
  }
  *convolution = c;
  return 0;
}

void counterspike_convolution_destroy(counterspike_convolution *c) {
  if (!c) return;
  dnnl_memory_t memories[] = {c->forward_weights, c->backward_data_weights, c->plain,
                              c->packed_gradient};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; ++i)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  pass_destroy(&c->round_destination);
  pass_destroy(&c->round_source);
  pass_destroy(&c->unpack_gradient);
  pass_destroy(&c->pack_backward_data);
  pass_destroy(&c->pack_forward);
  pass_destroy(&c->backward_weights);
  pass_destroy(&c->backward_data);
  pass_destroy(&c->forward);
  tensor_destroy(&c->geometry.source);
  tensor_destroy(&c->geometry.weights);
  tensor_destroy(&c->geometry.destination);
  descriptor_destroy(&c->plain_weights);
  if (c->stream) dnnl_stream_destroy(c->stream);
  if (c->engine) dnnl_engine_destroy(c->engine);
  free(c);
}

size_t counterspike_convolution_packed_bytes(const counterspike_convolution *c) {
  size_t bytes = dnnl_memory_desc_get_size(pass_view(&c->forward, dnnl_query_weights_md));
  if (c->backward_data.description)
    bytes += dnnl_memory_desc_get_size(pass_view(&c->backward_data, dnnl_query_weights_md));
  return bytes;
}

size_t counterspike_convolution_gradient_count(const counterspike_convolution *c) {
  if (!c->backward_weights.description) return 0;
  descriptor_view packed = pass_view(&c->backward_weights, dnnl_query_diff_weights_md);
  return (dnnl_memory_desc_get_size(packed) + sizeof(float) - 1) / sizeof(float);
}

size_t counterspike_convolution_scratch_bytes(const counterspike_convolution *c) {
  const size_t sizes[] = {pass_scratch(&c->forward), pass_scratch(&c->backward_data),
                          pass_scratch(&c->backward_weights)};
  size_t largest = 0;
  for (size_t i = 0; i < 3; ++i)
    if (sizes[i] > largest) largest = sizes[i];
  return copy_bytes(&c->round_source) + copy_bytes(&c->round_destination) + largest;
}

// Reserves the weights of a pass, once: a convolution that is only asked for its sizes takes none.
static int reserve_weights(dnnl_memory_t *memory, const pass *p, dnnl_engine_t engine) {
  if (*memory || !p->primitive) return 0;
  return dnnl_memory_create(memory, pass_view(p, dnnl_query_weights_md), engine,
                            DNNL_MEMORY_ALLOCATE);
}

int counterspike_convolution_pack(counterspike_convolution *c, const float *weights) {
  TRY(reserve_weights(&c->forward_weights, &c->forward, c->engine));
  TRY(reserve_weights(&c->backward_data_weights, &c->backward_data, c->engine));
  TRY(dnnl_memory_set_data_handle(c->plain, (void *)weights));
  TRY(reorder_run(&c->pack_forward, c->stream, c->plain, c->forward_weights));
  if (c->backward_data.primitive)
    TRY(reorder_run(&c->pack_backward_data, c->stream, c->plain, c->backward_data_weights));
  return dnnl_stream_wait(c->stream);
}

int counterspike_convolution_unpack_gradient(counterspike_convolution *c, const float *packed,
                                             float *gradient) {
  TRY(dnnl_memory_set_data_handle(c->packed_gradient, (void *)packed));
  TRY(dnnl_memory_set_data_handle(c->plain, gradient));
  TRY(reorder_run(&c->unpack_gradient, c->stream, c->packed_gradient, c->plain));
  return dnnl_stream_wait(c->stream);
}

static int call_build(counterspike_convolution_call *call, const counterspike_convolution *c) {
  call->convolution = c;
  TRY(dnnl_stream_create(&call->stream, c->engine, dnnl_stream_default_flags));
  const struct {
    dnnl_memory_t *memory;
    const pass *pass;
    dnnl_query_t what;
  } memories[] = {
      {&call->images, &c->forward, dnnl_query_src_md},
      {&call->output, &c->forward, dnnl_query_dst_md},
      {&call->forward_scratch, &c->forward, dnnl_query_scratchpad_md},
      {&call->output_gradient, &c->backward_data, dnnl_query_diff_dst_md},
      {&call->image_gradient, &c->backward_data, dnnl_query_diff_src_md},
      {&call->data_scratch, &c->backward_data, dnnl_query_scratchpad_md},
      {&call->images_again, &c->backward_weights, dnnl_query_src_md},
      {&call->output_gradient_again, &c->backward_weights, dnnl_query_diff_dst_md},
      {&call->packed_gradient, &c->backward_weights, dnnl_query_diff_weights_md},
      {&call->weights_scratch, &c->backward_weights, dnnl_query_scratchpad_md},
      {&call->exact_source, &c->round_source, dnnl_query_src_md},
      {&call->exact_destination, &c->round_destination, dnnl_query_src_md},
  };
  for (size_t i = 0; i < sizeof memories / sizeof *memories; ++i)
    if (memories[i].pass->description)
      TRY(dnnl_memory_create(memories[i].memory, pass_view(memories[i].pass, memories[i].what),
                             c->engine, DNNL_MEMORY_NONE));
  return 0;
}

int counterspike_convolution_call_create(const counterspike_convolution *convolution,
                                         counterspike_convolution_call **result) {
  counterspike_convolution_call *call = calloc(1, sizeof *call);
  if (!call) return dnnl_out_of_memory;
  int status = call_build(call, convolution);
  if (status != 0) {
    counterspike_convolution_call_destroy(call);
    return status;
  }
  *result = call;
  return 0;
}

void counterspike_convolution_call_destroy(counterspike_convolution_call *call) {
  if (!call) return;
  dnnl_memory_t memories[] = {call->images,          call->output,
                              call->image_gradient,  call->output_gradient,
                              call->images_again,    call->output_gradient_again,
                              call->packed_gradient, call->forward_scratch,
                              call->data_scratch,    call->weights_scratch,
                              call->exact_source,    call->exact_destination};
  for (size_t i = 0; i < sizeof memories / sizeof *memories; ++i)
    if (memories[i]) dnnl_memory_destroy(memories[i]);
  if (call->stream) dnnl_stream_destroy(call->stream);
  free(call);
}

// Lets `factor` be the caller's values, or their rounded copy in the working memory, of which it
// takes a part.
static int use_factor(const counterspike_convolution_call *call, const pass *round,
                      dnnl_memory_t exact, const float *values, dnnl_memory_t factor,
                      char **scratch) {
  if (!round->primitive) return dnnl_memory_set_data_handle(factor, (void *)values);
  TRY(dnnl_memory_set_data_handle(exact, (void *)values));
  TRY(dnnl_memory_set_data_handle(factor, *scratch));
  *scratch += copy_bytes(round);
  return reorder_run(round, call->stream, exact, factor);
}

// Runs one pass on the caller's memory: its tensors first, the scratchpad last.
static int run(counterspike_convolution_call *call, const pass *p, int count,
               const dnnl_exec_arg_t *arguments) {
  TRY(dnnl_primitive_execute(p->primitive, call->stream, count, arguments));
  return dnnl_stream_wait(call->stream);
}

int counterspike_convolution_forward(counterspike_convolution_call *call, const float *images,
                                     float *output, void *scratch) {
  const counterspike_convolution *c = call->convolution;
  char *rest = scratch;
  TRY(use_factor(call, &c->round_source, call->exact_source, images, call->images, &rest));
  TRY(dnnl_memory_set_data_handle(call->output, output));
  TRY(dnnl_memory_set_data_handle(call->forward_scratch, rest));
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, call->images},
      {DNNL_ARG_WEIGHTS, c->forward_weights},
      {DNNL_ARG_DST, call->output},
      {DNNL_ARG_SCRATCHPAD, call->forward_scratch},
  };
  return run(call, &c->forward, 4, arguments);
}

int counterspike_convolution_backward_data(counterspike_convolution_call *call,
                                           const float *output_gradient, float *image_gradient,
                                           void *scratch) {
  const counterspike_convolution *c = call->convolution;
  char *rest = scratch;
  TRY(use_factor(call, &c->round_destination, call->exact_destination, output_gradient,
                 call->output_gradient, &rest));
  TRY(dnnl_memory_set_data_handle(call->image_gradient, image_gradient));
  TRY(dnnl_memory_set_data_handle(call->data_scratch, rest));
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_DIFF_DST, call->output_gradient},
      {DNNL_ARG_WEIGHTS, c->backward_data_weights},
      {DNNL_ARG_DIFF_SRC, call->image_gradient},
      {DNNL_ARG_SCRATCHPAD, call->data_scratch},
  };
  return run(call, &c->backward_data, 4, arguments);
}

int counterspike_convolution_backward_weights(counterspike_convolution_call *call,
                                              const float *images, const float *output_gradient,
                                              float *packed_gradient, void *scratch) {
  const counterspike_convolution *c = call->convolution;
  char *rest = scratch;
  TRY(use_factor(call, &c->round_source, call->exact_source, images, call->images_again, &rest));
  TRY(use_factor(call, &c->round_destination, call->exact_destination, output_gradient,
                 call->output_gradient_again, &rest));
  TRY(dnnl_memory_set_data_handle(call->packed_gradient, packed_gradient));
  TRY(dnnl_memory_set_data_handle(call->weights_scratch, rest));
  const dnnl_exec_arg_t arguments[] = {
      {DNNL_ARG_SRC, call->images_again},
      {DNNL_ARG_DIFF_DST, call->output_gradient_again},
      {DNNL_ARG_DIFF_WEIGHTS, call->packed_gradient},
      {DNNL_ARG_SCRATCHPAD, call->weights_scratch},
  };
  return run(call, &c->backward_weights, 4, arguments);
}
