import Counterspike
import Testing

extension Tensor {
  /// Uniform numbers in 0 ..< `bound`, about a third of them zero.
  static func random(_ shape: [Int], below bound: Float = 2, seed: UInt64 = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    let scalars = (0..<shape.reduce(1, *)).map { _ in
      max(0, Float.random(in: -bound / 2..<bound, using: &random))
    }
    return Tensor(shape: shape, scalars: scalars)
  }

  /// Zeros and ones.
  static func randomSpikes(_ shape: [Int], rate: Float = 0.5, seed: UInt64 = 1) -> Tensor {
    var random = SeededGenerator(seed: seed)
    let scalars: [Float] = (0..<shape.reduce(1, *)).map { _ in
      Float.random(in: 0..<1, using: &random) < rate ? 1 : 0
    }
    return Tensor(shape: shape, scalars: scalars)
  }
}

/// `count` classes in `0 ..< classes`.
func randomLabels(_ count: Int, classes: Int, seed: UInt64 = 1) -> [Int] {
  var random = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Int.random(in: 0..<classes, using: &random) }
}

/// The largest difference, relative to the largest magnitude; infinite where the numbers of values
/// differ or one is no number.
func relativeError(_ ours: [Float], _ wanted: [Double]) -> Double {
  guard ours.count == wanted.count else { return .infinity }
  var difference = 0.0
  var largest = 0.0
  for (a, b) in zip(ours, wanted) {
    let distance = abs(Double(a) - b)
    guard distance.isFinite else { return .infinity }
    difference = max(difference, distance)
    largest = max(largest, abs(b))
  }
  return largest > 0 ? difference / largest : difference
}

/// Networks that together have every kind of layer and setting.
enum SampleNetwork: String, CaseIterable, CustomTestStringConvertible {
  case poolings = "5C3-P2-7C2-P2-9-4"
  case strides = "4C3p1s2-6C3p2-P3-10-3"
  case denseOnly = "20-5"
  case wide = "18C5-P3-6"
  case small = "3C1-P4-D0.3-12-2"
  case oneStep = "6C3s3-P2-11-7"

  var testDescription: String { rawValue }

  var inputShape: [Int] {
    switch self {
    case .poolings: [2, 13, 12]
    case .strides: [1, 11, 14]
    case .denseOnly: [3, 4, 5]
    case .wide: [1, 12, 13]
    case .small: [2, 9, 8]
    case .oneStep: [1, 13, 19]
    }
  }

  private var timeSteps: Int {
    switch self {
    case .poolings: 5
    case .strides: 9
    case .denseOnly: 12
    case .wide, .small: 4
    case .oneStep: 1
    }
  }

  /// With weights that make every layer fire now and then.
  func network(
    seed: UInt64 = 3, precision: NetworkSettings.Precision = .float32
  ) throws -> Network {
    var settings = try NetworkSettings(rawValue, timeSteps: timeSteps)
    settings.precision = precision
    settings.weightScale = 1.6
    switch self {
    case .strides:
      settings.neuron = NeuronSettings(membraneTimeConstant: 8, synapticTimeConstant: 3)
      settings.layers[0].threshold = 0.6
      settings.layers[1].membraneTimeConstant = 3
      settings.layers[1].threshold = 0.4
      settings.layers[3].synapticTimeConstant = 4
      settings.poolingFactor = 0.7
    case .poolings:
      settings.layers[3].factor = 1.4
      settings.layers[5].threshold = 0.3
    case .oneStep:
      settings.layers[0].threshold = 0.3
      settings.layers[3].threshold = 0.2
    case .small:
      settings.layers[0].threshold = 0.5
      settings.layers[4].threshold = 0.2
    case .denseOnly, .wide: break
    }
    return try Network(settings, inputShape: inputShape, seed: seed)
  }
}
