#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// eˣ of the C library, here so that no other file needs to know which one.
package func exponential(_ x: Double) -> Double { exp(x) }

/// ln x
package func naturalLogarithm(_ x: Double) -> Double { log(x) }

/// cos x
package func cosine(_ x: Double) -> Double { cos(x) }
