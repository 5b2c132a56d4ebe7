internal import Counterspike

extension SampleSource {
  /// Some samples as a network takes them, `[B, C, H, W]` or `[T, B, C, H, W]`, as in the first epoch.
  func batch(_ indices: [Int]) -> Tensor {
    let size = shape.reduce(1, *)
    let steps = shape.count == 4 ? shape[0] : 1
    let plane = size / steps
    let count = indices.count
    var scalars = [Float](repeating: 0, count: count * size)
    for (row, index) in indices.enumerated() {
      let sample = values(index)
      for place in 0..<size {
        scalars[(place / plane * count + row) * plane + place % plane] = sample[place]
      }
    }
    let leading = shape.count == 4 ? [steps, count] : [count]
    return Tensor(shape: leading + shape.suffix(3), scalars: scalars)
  }

  /// The values of a sample, in the order of ``shape``, as in the first epoch.
  func values(_ index: Int) -> [Float] {
    var sample = [Float](repeating: 0, count: shape.reduce(1, *))
    var span = sample.mutableSpan
    load(index, epoch: 0, into: &span)
    return sample
  }

  /// The numbers that the output for a sample is compared with, in the order of ``targetShape``.
  func targets(_ index: Int) -> [Float] {
    var targets = [Float](repeating: 0, count: targetShape.reduce(1, *))
    var span = targets.mutableSpan
    loadTarget(index, into: &span)
    return targets
  }
}
