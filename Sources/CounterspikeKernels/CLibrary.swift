#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

// What the kernels take from the C library, here so that no other file needs to know which one.

/// eˣ
package func exponential(_ x: Double) -> Double { exp(x) }

/// ln x
package func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// cos x
package func cosine(_ x: Double) -> Double { cos(x) }

func zeroedMemory(bytes: Int) -> UnsafeMutableRawPointer? { calloc(1, bytes) }

func freeMemory(_ block: UnsafeMutableRawPointer) { free(block) }

func environmentVariable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
