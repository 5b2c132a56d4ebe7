import Counterspike
import CounterspikeData

/// Made-up samples of four classes that a small network can tell apart: a bright bar that lies,
/// stands, rises or falls, somewhere in the image, on a noisy ground.
enum MadeUpImages {
  static let classCount = 4

  /// Still images of `size`×`size` pixels.
  static func set(
    _ count: Int, size: Int = 12, seed: UInt64, augmentation: AugmentationSettings? = nil
  ) -> ImageSet {
    let labels = labels(count, seed: seed)
    let pixels = labels.enumerated().flatMap { index, label in
      image(label, size: size, seed: seed << 20 | UInt64(index))
    }
    return ImageSet(
      pixels: pixels, labels: labels.map { UInt8($0) }, shape: [1, size, size],
      classCount: classCount, mean: [0.15], standardDeviation: [0.25], augmentation: augmentation,
      seed: seed)
  }

  /// Spike trains: at each step every pixel of such an image spikes with a probability that is its
  /// brightness.
  static func spikeTrains(
    _ count: Int, size: Int = 12, timeSteps: Int, seed: UInt64
  ) -> TensorSource {
    let labels = labels(count, seed: seed)
    var random = SeededGenerator(seed: seed + 1)
    var scalars: [Float] = []
    for (index, label) in labels.enumerated() {
      let image = image(label, size: size, seed: seed << 20 | UInt64(index))
      for _ in 0..<timeSteps {
        scalars += image.map { UInt8.random(in: .min ... .max, using: &random) < $0 ? 1 : 0 }
      }
    }
    return TensorSource(
      samples: Tensor(shape: [count, timeSteps, 1, size, size], scalars: scalars), labels: labels,
      classCount: classCount)
  }

  private static func labels(_ count: Int, seed: UInt64) -> [Int] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in Int.random(in: 0..<classCount, using: &random) }
  }

  private static func image(_ label: Int, size: Int, seed: UInt64) -> [UInt8] {
    var random = SeededGenerator(seed: seed)
    var image = (0..<size * size).map { _ in UInt8.random(in: 0..<60, using: &random) }
    let half = size / 4
    let row = Int.random(in: half..<(size - half), using: &random)
    let column = Int.random(in: half..<(size - half), using: &random)
    for step in -half...half {
      let (y, x) =
        switch label {
        case 0: (row, column + step)
        case 1: (row + step, column)
        case 2: (row - step, column + step)
        default: (row + step, column + step)
        }
      guard 0..<size ~= y, 0..<size ~= x else { continue }
      image[y * size + x] = UInt8.random(in: 180...255, using: &random)
    }
    return image
  }
}
