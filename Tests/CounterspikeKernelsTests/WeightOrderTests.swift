import CounterspikeKernels
import Testing

@Suite("The order of weights")
struct WeightOrderTests {
  /// A dense layer's: `[out, pixel, in]` with in padded from 3 to 4.
  private let order = WeightOrder(
    outputs: 2, inputs: 3, pixels: 5, outputStride: 20, inputStride: 1, pixelStride: 4)

  @Test("puts each weight in its place, back, and leaves padding alone")
  func places() {
    let weights = (0..<order.count).map { Float($0 + 1) }
    let buffer = FloatBuffer(count: 40)
    buffer.all.scatter(weights, order)
    for output in 0..<2 {
      for pixel in 0..<5 {
        for input in 0..<3 {
          #expect(
            buffer.all[output * 20 + pixel * 4 + input]
              == weights[(output * 3 + input) * 5 + pixel])
        }
        #expect(buffer.all[output * 20 + pixel * 4 + 3] == 0)
      }
    }
    #expect(buffer.all.gather(order) == weights)
    buffer.all.add(weights, order)
    #expect(buffer.all.gather(order) == weights.map { 2 * $0 })
  }
}
