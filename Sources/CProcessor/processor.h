// The processor that the program runs on, and the door to the kernels that are compiled for it.

#ifndef COUNTERSPIKE_PROCESSOR_H
#define COUNTERSPIKE_PROCESSOR_H

// The version of the x86-64 architecture, 1 to 4, that processor and operating system have; 1 on other
// architectures.
static inline int counterspike_processor_version(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
  if (__builtin_cpu_supports("x86-64-v2")) return 2;
#endif
  return 1;
}

// Of the modules KernelsBaseline, KernelsAVX2 and KernelsAVX512, the last two of which are those of x86-64:
// each writes its `any VectorKernels.Type`.
void counterspike_kernels_baseline(void *kernels);
void counterspike_kernels_avx2(void *kernels);
void counterspike_kernels_avx512(void *kernels);

#endif
