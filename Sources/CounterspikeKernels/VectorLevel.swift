internal import CProcessor

/// The processors that vector code is compiled for. Results do not depend on it.
package enum VectorLevel: String, CaseIterable, Sendable {
  /// Every processor of the architecture.
  case baseline
  /// x86-64-v3
  case avx2
  /// x86-64-v4
  case avx512

  /// Those that this processor has, the lowest first.
  package static let available: [VectorLevel] = {
    let version = Int(counterspike_processor_version())
    return allCases.filter { $0.version <= version }
  }()

  /// Sets the highest level that is taken.
  package static let variable = "COUNTERSPIKE_LEVEL"

  /// The highest level that is taken where the environment says nothing. With sixteen lanes the compiler
  /// takes vectors apart, and comparisons that go through mask registers lengthen a neuron's chain of
  /// dependent operations: a step takes 5 % less time with AVX2 than with AVX-512 (docs/performance-tried.md).
  private static let preferred = VectorLevel.avx2

  /// The value of the environment variable that names no level; `nil`: it is not set, or names one.
  package static var unknownLimit: String? {
    environmentVariable(variable).flatMap { VectorLevel(rawValue: $0) == nil ? $0 : nil }
  }

  /// The level that this process runs: the highest available one up to the limit.
  package static let ofProcess: VectorLevel = {
    let limit = environmentVariable(variable).flatMap(VectorLevel.init(rawValue:)) ?? preferred
    return available.last { $0.version <= limit.version } ?? .baseline
  }()

  /// The level of the current task, for tests that compare them.
  @TaskLocal package static var tested: VectorLevel?

  package static var current: VectorLevel { tested ?? ofProcess }

  /// The version of x86-64 that it stands for.
  private var version: Int {
    switch self {
    case .baseline: 1
    case .avx2: 3
    case .avx512: 4
    }
  }

  package static var kernels: any VectorKernels.Type {
    guard let tested else { return kernelsOfProcess }
    return tested.load()
  }

  private static let kernelsOfProcess = ofProcess.load()

  private func load() -> any VectorKernels.Type {
    #if COUNTERSPIKE_LEVELS
      let write =
        switch self {
        case .baseline: counterspike_kernels_baseline
        case .avx2: counterspike_kernels_avx2
        case .avx512: counterspike_kernels_avx512
        }
    #else
      let write = counterspike_kernels_baseline
    #endif
    return withUnsafeTemporaryAllocation(of: (any VectorKernels.Type).self, capacity: 1) { place in
      write(place.baseAddress)
      return place.moveElement(from: 0)
    }
  }

  /// The module whose vector code runs, for tests.
  package var module: String {
    String(reflecting: load()).prefix { $0 != "." }.description
  }

  /// What the vector code is compiled for, such as `x86-64-v4`.
  package var processors: String {
    #if arch(x86_64)
      version == 1 ? "x86-64" : "x86-64-v\(version)"
    #elseif arch(arm64)
      "arm64"
    #else
      "others"
    #endif
  }
}
