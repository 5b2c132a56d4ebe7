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

const char *counterspike_onednn_instruction_set(void) {
  switch (dnnl_get_effective_cpu_isa()) {
    case dnnl_cpu_isa_sse41: return "SSE4.1";
    case dnnl_cpu_isa_avx: return "AVX";
    case dnnl_cpu_isa_avx2: return "AVX2";
    case dnnl_cpu_isa_avx2_vnni: return "AVX2 with VNNI";
    case dnnl_cpu_isa_avx512_core: return "AVX-512";
    case dnnl_cpu_isa_avx512_core_vnni: return "AVX-512 with VNNI";
    case dnnl_cpu_isa_avx512_core_bf16: return "AVX-512 with bfloat16";
    case dnnl_cpu_isa_avx512_core_amx: return "AVX-512 with AMX";
#if DNNL_VERSION_MAJOR >= 3
    case dnnl_cpu_isa_avx2_vnni_2: return "AVX2 with VNNI 2";
    case dnnl_cpu_isa_avx512_core_fp16: return "AVX-512 with float16";
    case dnnl_cpu_isa_avx512_core_amx_fp16: return "AVX-512 with AMX float16";
#endif
    default: return 0;
  }
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
