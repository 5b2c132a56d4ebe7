/// Where weights of the public order `[out, in, pixel]` stand in memory: at out·`outputStride` +
/// in·`inputStride` + pixel·`pixelStride`.
///
/// Loops and no table of places, which would be twice as large as the weights themselves.
package struct WeightOrder: Sendable, Equatable {
  package var outputs: Int
  package var inputs: Int
  package var pixels: Int
  package var outputStride: Int
  package var inputStride: Int
  package var pixelStride: Int

  package init(
    outputs: Int, inputs: Int, pixels: Int, outputStride: Int, inputStride: Int, pixelStride: Int
  ) {
    self.outputs = outputs
    self.inputs = inputs
    self.pixels = pixels
    self.outputStride = outputStride
    self.inputStride = inputStride
    self.pixelStride = pixelStride
  }

  /// Weights in the public order.
  package var count: Int { outputs * inputs * pixels }

  @inline(__always)
  fileprivate func places(_ body: (_ index: Int, _ place: Int) -> Void) {
    var index = 0
    for output in 0..<outputs {
      for input in 0..<inputs {
        var place = output &* outputStride &+ input &* inputStride
        for _ in 0..<pixels {
          body(index, place)
          index &+= 1
          place &+= pixelStride
        }
      }
    }
  }

  fileprivate func check(_ slice: FloatSlice, _ values: Int) {
    let last =
      (outputs - 1) * outputStride + (inputs - 1) * inputStride + (pixels - 1) * pixelStride
    precondition(
      values == count && (count == 0 || last < slice.count),
      "\(values) weights for \(count) places in a slice of \(slice.count)")
  }
}

extension FloatSlice {
  /// Takes over weights in the public order; other places stay as they are.
  package func scatter(_ weights: [Float], _ order: WeightOrder) {
    order.check(self, weights.count)
    let target = pointer
    weights.withUnsafeBufferPointer { source in order.places { target[$1] = source[$0] } }
  }

  /// Adds weights in the public order.
  package func add(_ weights: [Float], _ order: WeightOrder) {
    order.check(self, weights.count)
    let target = pointer
    weights.withUnsafeBufferPointer { source in order.places { target[$1] += source[$0] } }
  }

  /// The weights in the public order.
  package func gather(_ order: WeightOrder) -> [Float] {
    order.check(self, order.count)
    let source = pointer
    return [Float](unsafeUninitializedCapacity: order.count) { target, filled in
      order.places { target[$0] = source[$1] }
      filled = order.count
    }
  }
}
