import CounterspikeKernels
import Testing

@Suite("Lanes")
struct LanesTests {
  @Test("eˣ is right to 5e-7 from −87 to 0")
  func exponentials() {
    var worst = 0.0
    let count = 40_000
    for start in stride(from: 0, to: count, by: 16) {
      var x = SIMD16<Float>()
      for lane in 0..<16 { x[lane] = -87 * Float(start + lane) / Float(count) }
      let y = exponentialOfNonPositive(x)
      for lane in 0..<16 {
        worst = max(worst, abs(Double(y[lane]) / exponential(Double(x[lane])) - 1))
      }
    }
    #expect(worst < 5e-7)
  }

  @Test("eˣ is 1 at 0, right beside every change of the exponent, and 0 below −87")
  func edges() {
    let half = SIMD8<Float>(
      0, -0.0, -.leastNonzeroMagnitude, -87, -87.001, -1e4, -1e38, -.infinity)
    let x = SIMD16<Float>(lowHalf: half, highHalf: half)
    let y = exponentialOfNonPositive(x)
    for lane in 0..<3 { #expect(y[lane] == 1) }
    #expect(y[3] > 1.6e-38 && y[3] < 1.7e-38)
    for lane in 4..<8 { #expect(y[lane] == 0) }
    var worst = 0.0
    for power in 0..<120 {
      let edge = Float(-0.693_147_180_559_945_3 * (Double(power) + 0.5))
      for x in [edge.nextDown, edge, edge.nextUp] {
        let y = exponentialOfNonPositive(SIMD16(repeating: x))[5]
        worst = max(worst, abs(Double(y) / exponential(Double(x)) - 1))
      }
    }
    #expect(worst < 5e-7)
  }
}
