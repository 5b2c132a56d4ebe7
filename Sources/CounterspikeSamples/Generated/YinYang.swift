package import Counterspike
internal import CounterspikeKernels

/// Points of the symbol of yin and yang, to be told apart: a task that linear networks fail, deep
/// ones learn in seconds, and that needs no file.
///
/// A sample is (x, y, 1 − x, 1 − y), shape `[4, 1, 1]`, of a point in the disk of radius ½ around
/// (½, ½); the classes are the dark and the light half and the two dots in them. As many samples fall
/// to every class. The mirrored coordinates stand in for a bias.
///
/// - Note: Kriener, Göltz, Petrovici, “The Yin-Yang dataset” (NICE 2022). The points are drawn by
///   another generator than in the authors' program, so that they are others.
package struct YinYang {
  package static let classNames = ["yang", "yin", "dot"]
  package static let shape = [4, 1, 1]

  private static let dotRadius = 0.1
  private static let radius = 0.5

  /// `count` samples, always the same ones for a stream.
  ///
  /// - Parameter part: of the streams of training and test samples.
  package static func samples(_ count: Int, part: Int) -> TensorSource {
    var scalars: [Float] = []
    var labels: [Int] = []
    scalars.reserveCapacity(4 * count)
    for index in 0..<count {
      var stream = RandomStream(seed: 0, purpose: .noise, part, index)
      let label = index % classNames.count
      var (x, y) = (0.0, 0.0)
      repeat {
        x = Double(stream.uniform())
        y = Double(stream.uniform())
      } while classIndex(x, y) != label
      scalars += [x, y, 1 - x, 1 - y].map { Float($0) }
      labels.append(label)
    }
    return TensorSource(
      samples: Tensor(shape: [count] + shape, scalars: scalars), labels: labels,
      classCount: classNames.count)
  }

  /// The class of a point of the unit square, or `nil` outside the disk.
  package static func classIndex(_ x: Double, _ y: Double) -> Int? {
    func distance(_ centre: Double) -> Double {
      let (dx, dy) = (x - centre, y - radius)
      return (dx * dx + dy * dy).squareRoot()
    }
    guard distance(radius) <= radius else { return nil }
    let right = distance(1.5 * radius)
    let left = distance(0.5 * radius)
    if min(right, left) < dotRadius { return 2 }
    let isYin =
      right <= dotRadius || (left > dotRadius && left <= 0.5 * radius)
      || (y > radius && right > 0.5 * radius)
    return isYin ? 1 : 0
  }
}
