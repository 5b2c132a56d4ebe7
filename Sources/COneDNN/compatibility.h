// The differences between the C interfaces of oneDNN 2.x and 3.x, and nothing else.
//
// 2.x has memory descriptors as values and operation descriptors between them and the primitive
// descriptors; 3.x has opaque memory descriptors and no operation descriptors.

#ifndef COUNTERSPIKE_COMPATIBILITY_H
#define COUNTERSPIKE_COMPATIBILITY_H

#include <dnnl.h>
#include <stdbool.h>
#include <string.h>

#if DNNL_VERSION_MAJOR >= 3

typedef const_dnnl_memory_desc_t descriptor_view;
typedef dnnl_memory_desc_t descriptor;

static inline dnnl_status_t descriptor_create(descriptor *result, int count,
                                              const dnnl_dims_t dims, dnnl_data_type_t type,
                                              dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(result, count, dims, type, tag);
}
static inline void descriptor_destroy(descriptor *result) {
  if (*result) dnnl_memory_desc_destroy(*result);
}
static inline descriptor_view descriptor_use(const descriptor *d) { return *d; }

#else

typedef const dnnl_memory_desc_t *descriptor_view;
typedef dnnl_memory_desc_t descriptor;

static inline dnnl_status_t descriptor_create(descriptor *result, int count,
                                              const dnnl_dims_t dims, dnnl_data_type_t type,
                                              dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(result, count, dims, type, tag);
}
static inline void descriptor_destroy(descriptor *result) { (void)result; }
static inline descriptor_view descriptor_use(const descriptor *d) { return d; }

#endif

// A tensor as a factor of products, which may be rounded, and as their sum, which is float32.
typedef struct {
  descriptor factor, sum;
} tensor_descriptors;

// The tensors and the geometry that the three passes of a convolution share.
typedef struct {
  tensor_descriptors source, weights, destination;
  dnnl_dims_t strides, dilations, padding_before, padding_after;
} convolution_geometry;

// Whether to pass over an implementation of the forward pass. oneDNN prefers the one by batches of
// small products, which computes an incomplete block of 16 channels slower than the older ones: 40
// channels from 16, 5x5, take 0.99 ms by it and 0.84 ms by the next (2.6, AVX-512). Kernels of one pixel
// stay with it: the older one for these computes wrong sums of an odd number of bfloat16 channels.
static inline bool is_passed_over(const_dnnl_primitive_desc_t description, int64_t out_channels) {
  const char *name = NULL;
  if (out_channels % 16 == 0) return false;
  if (dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name) != dnnl_success)
    return false;
  return strncmp(name, "brg", 3) == 0 && !strstr(name, "1x1");
}

// Whether it is one of the older ones for the same vectors.
static inline bool is_preferred(const_dnnl_primitive_desc_t description) {
  const char *name = NULL;
  if (dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name) != dnnl_success)
    return false;
  return strncmp(name, "jit", 3) == 0 && strstr(name, "avx512") && !strstr(name, "1x1");
}

static inline dnnl_status_t describe_forward(dnnl_primitive_desc_t *result,
                                             const convolution_geometry *g, bool training,
                                             int64_t out_channels, dnnl_engine_t engine,
                                             const_dnnl_primitive_attr_t attributes) {
  dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_primitive_desc_t other;  // asked for the next one, a description becomes that one
  dnnl_primitive_desc_t *descriptions[] = {result, &other};
  for (int i = 0; i < 2; ++i) {
    dnnl_status_t status = dnnl_convolution_forward_primitive_desc_create(
        descriptions[i], engine, kind, dnnl_convolution_direct, g->source.factor,
        g->weights.factor, NULL, g->destination.sum, g->strides, g->dilations,
        g->padding_before, g->padding_after, attributes);
    if (i == 0 && (status != dnnl_success || !is_passed_over(*result, out_channels)))
      return status;
    if (status != dnnl_success) return dnnl_success;
  }
  while (dnnl_primitive_desc_next_impl(other) == dnnl_success) {
    if (!is_preferred(other)) continue;
    dnnl_primitive_desc_destroy(*result);
    *result = other;
    return dnnl_success;
  }
  dnnl_primitive_desc_destroy(other);
  return dnnl_success;
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_forward_desc_init(
      &operation, kind, dnnl_convolution_direct, &g->source.factor, &g->weights.factor, NULL,
      &g->destination.sum, g->strides, g->padding_before, g->padding_after);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_desc_create(result, &operation, attributes, engine, NULL);
  if (status != dnnl_success || !is_passed_over(*result, out_channels)) return status;
  dnnl_primitive_desc_iterator_t others;
  status = dnnl_primitive_desc_iterator_create(&others, &operation, attributes, engine, NULL);
  if (status != dnnl_success) return dnnl_success;
  while (dnnl_primitive_desc_iterator_next(others) == dnnl_success) {
    dnnl_primitive_desc_t other = dnnl_primitive_desc_iterator_fetch(others);
    if (!other) break;
    if (is_preferred(other)) {
      dnnl_primitive_desc_destroy(*result);
      *result = other;
      break;
    }
    dnnl_primitive_desc_destroy(other);
  }
  dnnl_primitive_desc_iterator_destroy(others);
  return dnnl_success;
#endif
}

static inline dnnl_status_t describe_backward_data(dnnl_primitive_desc_t *result,
                                                   const convolution_geometry *g,
                                                   dnnl_engine_t engine,
                                                   const_dnnl_primitive_attr_t attributes,
                                                   const_dnnl_primitive_desc_t forward) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(
      result, engine, dnnl_convolution_direct, g->source.sum, g->weights.factor,
      g->destination.factor, g->strides, g->dilations, g->padding_before, g->padding_after, forward,
      attributes);
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_backward_data_desc_init(
      &operation, dnnl_convolution_direct, &g->source.sum, &g->weights.factor,
      &g->destination.factor, g->strides, g->padding_before, g->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, forward);
#endif
}

static inline dnnl_status_t describe_backward_weights(dnnl_primitive_desc_t *result,
                                                      const convolution_geometry *g,
                                                      dnnl_engine_t engine,
                                                      const_dnnl_primitive_attr_t attributes,
                                                      const_dnnl_primitive_desc_t forward) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_weights_primitive_desc_create(
      result, engine, dnnl_convolution_direct, g->source.factor, g->weights.sum, NULL,
      g->destination.factor, g->strides, g->dilations, g->padding_before, g->padding_after, forward,
      attributes);
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, &g->source.factor, &g->weights.sum, NULL,
      &g->destination.factor, g->strides, g->padding_before, g->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, forward);
#endif
}

#endif
