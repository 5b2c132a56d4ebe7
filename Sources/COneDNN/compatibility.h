// The differences between the C interfaces of oneDNN 2.x and 3.x, and nothing else.
//
// 2.x has memory descriptors as values and operation descriptors between them and the primitive
// descriptors; 3.x has opaque memory descriptors and no operation descriptors.

#ifndef COUNTERSPIKE_COMPATIBILITY_H
#define COUNTERSPIKE_COMPATIBILITY_H

#include <dnnl.h>

#if DNNL_VERSION_MAJOR >= 3

typedef const_dnnl_memory_desc_t descriptor_view;
typedef dnnl_memory_desc_t descriptor;

static inline dnnl_status_t descriptor_create(descriptor *result, const dnnl_dims_t dims,
                                              dnnl_format_tag_t tag) {
  return dnnl_memory_desc_create_with_tag(result, 4, dims, dnnl_f32, tag);
}
static inline void descriptor_destroy(descriptor *result) {
  if (*result) dnnl_memory_desc_destroy(*result);
}
static inline descriptor_view descriptor_use(const descriptor *d) { return *d; }

#else

typedef const dnnl_memory_desc_t *descriptor_view;
typedef dnnl_memory_desc_t descriptor;

static inline dnnl_status_t descriptor_create(descriptor *result, const dnnl_dims_t dims,
                                              dnnl_format_tag_t tag) {
  return dnnl_memory_desc_init_by_tag(result, 4, dims, dnnl_f32, tag);
}
static inline void descriptor_destroy(descriptor *result) { (void)result; }
static inline descriptor_view descriptor_use(const descriptor *d) { return d; }

#endif

// The tensors and the geometry that the three passes of a convolution share.
typedef struct {
  descriptor source, weights, destination;
  dnnl_dims_t strides, dilations, padding_before, padding_after;
} convolution_geometry;

static inline dnnl_status_t describe_forward(dnnl_primitive_desc_t *result,
                                             const convolution_geometry *g, bool training,
                                             dnnl_engine_t engine,
                                             const_dnnl_primitive_attr_t attributes) {
  dnnl_prop_kind_t kind = training ? dnnl_forward_training : dnnl_forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_forward_primitive_desc_create(
      result, engine, kind, dnnl_convolution_direct, g->source, g->weights, NULL, g->destination,
      g->strides, g->dilations, g->padding_before, g->padding_after, attributes);
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_forward_desc_init(
      &operation, kind, dnnl_convolution_direct, &g->source, &g->weights, NULL, &g->destination,
      g->strides, g->padding_before, g->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, NULL);
#endif
}

static inline dnnl_status_t describe_backward_data(dnnl_primitive_desc_t *result,
                                                   const convolution_geometry *g,
                                                   dnnl_engine_t engine,
                                                   const_dnnl_primitive_attr_t attributes,
                                                   const_dnnl_primitive_desc_t forward) {
#if DNNL_VERSION_MAJOR >= 3
  return dnnl_convolution_backward_data_primitive_desc_create(
      result, engine, dnnl_convolution_direct, g->source, g->weights, g->destination, g->strides,
      g->dilations, g->padding_before, g->padding_after, forward, attributes);
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_backward_data_desc_init(
      &operation, dnnl_convolution_direct, &g->source, &g->weights, &g->destination, g->strides,
      g->padding_before, g->padding_after);
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
      result, engine, dnnl_convolution_direct, g->source, g->weights, NULL, g->destination,
      g->strides, g->dilations, g->padding_before, g->padding_after, forward, attributes);
#else
  dnnl_convolution_desc_t operation;
  dnnl_status_t status = dnnl_convolution_backward_weights_desc_init(
      &operation, dnnl_convolution_direct, &g->source, &g->weights, NULL, &g->destination,
      g->strides, g->padding_before, g->padding_after);
  if (status != dnnl_success) return status;
  return dnnl_primitive_desc_create(result, &operation, attributes, engine, forward);
#endif
}

#endif
