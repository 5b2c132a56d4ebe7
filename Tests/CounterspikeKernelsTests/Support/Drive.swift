import CounterspikeKernels

/// A way to drive a neuron, in multiples of its threshold.
enum Drive: Sendable {
  /// Fires now and then.
  case normal
  /// Never comes near the threshold.
  case silent
  /// Fires at almost every step.
  case saturated
  /// Driven away from the threshold, with pauses.
  case inhibited
  /// Normal, but for single steps of inhibition up to a million thresholds.
  case deeplyInhibited
  /// Steps of exactly no current between strong ones.
  case sparse
  /// Silent but for the last steps, which decide whether replays fire.
  case late
  /// A steady current that only just reaches the threshold, or does not: the longest replays.
  case slow
  /// Normal currents times a million.
  case huge
  /// Normal currents times a millionth.
  case tiny
  /// Each neuron another of the ordinary ones.
  case mixed

  static let ordinary: [Drive] = [
    .normal, .silent, .saturated, .inhibited, .sparse, .late, .slow, .tiny,
  ]
  /// Single precision loses digits of the membrane here, so that a weight of its distance from the
  /// threshold is only as good as that; the spikes and the differences of the loss stay exact.
  static let extreme: [Drive] = [.deeplyInhibited, .huge]

  /// The currents of one neuron.
  func currents(_ steps: Int, timeConstant: Double, _ random: inout RandomStream) -> [Double] {
    let leak = 1 / timeConstant
    switch self {
    case .normal: return (0..<steps).map { _ in 0.3 + 0.6 * random.normal() }
    case .silent: return (0..<steps).map { _ in 0.8 * leak * random.between(-1, 1) }
    case .saturated: return (0..<steps).map { _ in random.between(0.9, 4) }
    case .inhibited:
      return (0..<steps).map { _ in
        random.uniform() < 0.7 ? random.between(-3, 0) : random.between(0, 2)
      }
    case .deeplyInhibited:
      return (0..<steps).map { _ in
        if random.uniform() < 0.8 { return 0.3 + 0.6 * random.normal() }
        return -[10, 1e2, 1e3, 1e4, 1e5, 1e6][random.integer(below: 6)] * random.between(0.3, 1)
      }
    case .sparse:
      return (0..<steps).map { _ in random.uniform() < 0.7 ? 0 : random.between(-0.5, 2) }
    case .late:
      let quiet = random.between(0, 0.9) * leak
      let awake = max(0, steps - 1 - random.integer(below: 3))
      return (0..<steps).map { $0 < awake ? quiet : random.between(0, 1.2) }
    case .slow:
      let steady = random.between(0.8, 2) * leak
      return (0..<steps).map { _ in steady + 0.2 * leak * random.normal() }
    case .huge: return (0..<steps).map { _ in 1e6 * random.normal() }
    case .tiny: return (0..<steps).map { _ in 1e-6 * random.normal() }
    case .mixed:
      return Drive.ordinary[random.integer(below: Drive.ordinary.count)]
        .currents(steps, timeConstant: timeConstant, &random)
    }
  }
}

extension RandomStream {
  mutating func between(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * Double(uniform())
  }

  mutating func normals(_ count: Int) -> [Float] { (0..<count).map { _ in Float(normal()) } }
}
