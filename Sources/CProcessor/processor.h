// What the Swift module that imports this was compiled for (-march), against the processor it runs on.

#ifndef COUNTERSPIKE_PROCESSOR_H
#define COUNTERSPIKE_PROCESSOR_H

// The first extension that the importing module's code may use and this processor does not have, or
// NULL. A header alone, so that the macros are those of that module and not of a library of its own.
static inline const char *counterspike_missing_extension(void) {
#ifdef __AVX512F__
  if (!__builtin_cpu_supports("avx512f")) return "AVX-512F";
#endif
#ifdef __AVX512BW__
  if (!__builtin_cpu_supports("avx512bw")) return "AVX-512BW";
#endif
#ifdef __AVX512DQ__
  if (!__builtin_cpu_supports("avx512dq")) return "AVX-512DQ";
#endif
#ifdef __AVX512VL__
  if (!__builtin_cpu_supports("avx512vl")) return "AVX-512VL";
#endif
#ifdef __AVX__
  if (!__builtin_cpu_supports("avx")) return "AVX";
#endif
#ifdef __AVX2__
  if (!__builtin_cpu_supports("avx2")) return "AVX2";
#endif
#ifdef __FMA__
  if (!__builtin_cpu_supports("fma")) return "FMA";
#endif
#ifdef __BMI2__
  if (!__builtin_cpu_supports("bmi2")) return "BMI2";
#endif
  return 0;
}

// The processors that the importing module was compiled for.
static inline const char *counterspike_compiled_level(void) {
#if defined(__AVX512F__)
  return "x86-64-v4";
#elif defined(__AVX2__)
  return "x86-64-v3";
#elif defined(__SSE4_2__)
  return "x86-64-v2";
#elif defined(__x86_64__)
  return "x86-64";
#elif defined(__aarch64__)
  return "arm64";
#else
  return "others";
#endif
}

#endif
