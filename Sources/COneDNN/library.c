#include <dnnl.h>
#include <dnnl_debug.h>

#include "counterspike_onednn.h"

// Present when oneDNN was built with OpenMP, as Debian's is; other builds have no team to limit.
__attribute__((weak)) void omp_set_num_threads(int count);

const char *counterspike_onednn_status_text(int status) {
  return dnnl_status2str((dnnl_status_t)status);
}

int counterspike_onednn_unimplemented(void) { return dnnl_unimplemented; }

int counterspike_onednn_out_of_memory(void) { return dnnl_out_of_memory; }

int counterspike_onednn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 10000 + version->minor * 100 + version->patch;
}

void counterspike_onednn_use_one_thread(void) {
  if (omp_set_num_threads) omp_set_num_threads(1);
}

int counterspike_matrix_product(bool transpose_a, bool transpose_b, int64_t m, int64_t n,
                                int64_t k, const float *a, int64_t lda, const float *b,
                                int64_t ldb, float beta, float *c, int64_t ldc) {
  return dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0f, a, lda, b,
                    ldb, beta, c, ldc);
}
