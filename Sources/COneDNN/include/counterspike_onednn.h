// The narrow door to oneDNN: convolutions over channels-last images with packed weights, matrix
// products, and nothing else. Compiles against oneDNN 2.x and 3.x, whose C interfaces differ.
//
// Every function that returns int returns 0 on success and oneDNN's status otherwise; its text is
// counterspike_onednn_status_text's. Everything runs on the calling thread alone once that thread
// has called counterspike_onednn_use_one_thread.

#ifndef COUNTERSPIKE_ONEDNN_H
#define COUNTERSPIKE_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

const char *counterspike_onednn_status_text(int status);
// The status of what the library or this processor cannot do.
int counterspike_onednn_unimplemented(void);
// The status of a lack of memory.
int counterspike_onednn_out_of_memory(void);

// The library's version, major · 10000 + minor · 100 + patch.
int counterspike_onednn_version(void);

// The largest instruction set that the library takes here, for people; NULL: not known. Its sums have
// another order with another one.
const char *counterspike_onednn_instruction_set(void);

// Keeps oneDNN's OpenMP team at one thread in every call that this thread makes.
void counterspike_onednn_use_one_thread(void);

// Images [images, height, width, channels], weights [out_channels, in_channels / groups, kernel, kernel]:
// of several groups each sees and makes its own share of the channels.
typedef struct {
  int64_t images;
  int64_t in_channels, in_height, in_width;
  int64_t out_channels, out_height, out_width;
  int64_t kernel, stride, padding, groups;
} counterspike_convolution_shape;

// What is multiplied; everything that comes in and goes out, and all sums, are float32.
typedef enum {
  counterspike_float32,
  counterspike_bfloat16,  // both factors are rounded to 8 significant bits first
} counterspike_precision;

// What all threads share: the primitives and the weights in oneDNN's own order.
typedef struct counterspike_convolution counterspike_convolution;

// Where processor and library have no products of `precision`, oneDNN's status is "unimplemented".
// Without `backward`, only the forward pass can be run; without `needs_data_gradient`, no
// gradient with respect to the images.
int counterspike_convolution_create(const counterspike_convolution_shape *shape,
                                    counterspike_precision precision, bool backward,
                                    bool needs_data_gradient,
                                    counterspike_convolution **convolution);
void counterspike_convolution_destroy(counterspike_convolution *convolution);

// Bytes of packed weights that the convolution holds.
size_t counterspike_convolution_packed_bytes(const counterspike_convolution *convolution);
// Floats of a weight gradient in oneDNN's own order.
size_t counterspike_convolution_gradient_count(const counterspike_convolution *convolution);
// Bytes of working memory that each running thread must bring, aligned to 64 bytes.
size_t counterspike_convolution_scratch_bytes(const counterspike_convolution *convolution);

// Brings weights into oneDNN's order: once after each change, by one thread.
int counterspike_convolution_pack(counterspike_convolution *convolution, const float *weights);
// Brings a weight gradient from oneDNN's order into that of the weights.
int counterspike_convolution_unpack_gradient(counterspike_convolution *convolution,
                                             const float *packed, float *gradient);

// What each thread has of its own.
typedef struct counterspike_convolution_call counterspike_convolution_call;

int counterspike_convolution_call_create(const counterspike_convolution *convolution,
                                         counterspike_convolution_call **call);
void counterspike_convolution_call_destroy(counterspike_convolution_call *call);

int counterspike_convolution_forward(counterspike_convolution_call *call, const float *images,
                                     float *output, void *scratch);
int counterspike_convolution_backward_data(counterspike_convolution_call *call,
                                           const float *output_gradient, float *image_gradient,
                                           void *scratch);
// Overwrites `packed_gradient`.
int counterspike_convolution_backward_weights(counterspike_convolution_call *call,
                                              const float *images, const float *output_gradient,
                                              float *packed_gradient, void *scratch);

// Row-major C[m, n] = op(A)·op(B) + beta·C with op(A) [m, k], op(B) [k, n]; the leading dimensions
// are the row lengths of the matrices as they lie in memory.
int counterspike_matrix_product(bool transpose_a, bool transpose_b, int64_t m, int64_t n,
                                int64_t k, const float *a, int64_t lda, const float *b,
                                int64_t ldb, float beta, float *c, int64_t ldc);

#endif
