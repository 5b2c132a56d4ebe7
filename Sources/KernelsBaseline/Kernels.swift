/// What this module compiles of ``VectorKernels``.
enum Kernels: VectorKernels {}

// The door through which CounterspikeKernels, which does not import the modules of the levels, gets at
// them: writes an `any VectorKernels.Type`, see processor.h.
#if COUNTERSPIKE_AVX2
  @c(counterspike_kernels_avx2)
#elseif COUNTERSPIKE_AVX512
  @c(counterspike_kernels_avx512)
#else
  @c(counterspike_kernels_baseline)
#endif
package func writeKernels(_ place: UnsafeMutableRawPointer) {
  place.assumingMemoryBound(to: (any VectorKernels.Type).self).initialize(to: Kernels.self)
}
