internal import CounterspikeKernels
internal import Synchronization

/// A part of the weights that one worker updates at a time.
enum UpdateItem: Sendable {
  /// A whole convolution: its gradient comes in oneDNN's order.
  case convolution(stage: Int)
  /// A range of a dense stage's weights.
  case dense(stage: Int, range: Range<Int>)

  /// Weights of a dense stage that are updated at a time.
  private static let chunk = 16384

  /// - Parameter frozen: the names of stages that are not updated.
  static func items(_ parameters: Parameters, frozen: [String]) -> [UpdateItem] {
    var items: [UpdateItem] = []
    for (stage, layout) in parameters.layouts.enumerated()
    where !frozen.contains(layout.stage.name) {
      if parameters.convolutions[stage] != nil {
        items.append(.convolution(stage: stage))
        continue
      }
      for begin in stride(from: 0, to: layout.weightCount, by: chunk) {
        items.append(.dense(stage: stage, range: begin..<min(begin + chunk, layout.weightCount)))
      }
    }
    return items
  }

  var stage: Int {
    switch self {
    case .convolution(let stage), .dense(let stage, _): stage
    }
  }
}

/// Σ g² of one update item; written by the worker that sums it.
final class SquaredNorm: @unchecked Sendable {
  var value = 0.0
}

/// What all parts of one optimizer step have in common.
struct UpdateNumbers {
  let rate: Float
  let step: Int
  /// What each stage's gradient is multiplied by; empty where nothing is clipped.
  var scales: [Float] = []

  func scale(_ stage: Int) -> Float { scales.isEmpty ? 1 : scales[stage] }
}

extension Engine {
  /// Sums the lanes, clips, and takes an optimizer step.
  func update(lanes: Int, learningRate: Float, step: Int) throws {
    var numbers = UpdateNumbers(rate: learningRate, step: step)
    guard optimizer.clipping != .none else {
      phase = .reduceAndUpdate(lanes: lanes, numbers)
      return try pool.run(self, items: updates.count)
    }
    phase = .reduce(lanes: lanes)
    try pool.run(self, items: updates.count)
    numbers.scales = clippingScales()
    phase = .update(numbers)
    try pool.run(self, items: updates.count)
  }

  /// Sums one part's gradient over the lanes; the sum is then in the weights' order.
  func reduce(_ item: Int, lanes: Int) throws {
    switch updates[item] {
    case .convolution(let stage):
      sumLanes(lanes, stage: stage, range: 0..<self.lanes[0].gradients[stage].count)
      guard let result = unpacked[stage], let convolution = parameters.convolutions[stage] else {
        return
      }
      try convolution.unpack(self.lanes[0].gradients[stage], into: result.all)
    case .dense(let stage, let range):
      sumLanes(lanes, stage: stage, range: range)
    }
    if optimizer.clipping != .none { squares[item].value = gradient(updates[item]).squaredNorm }
  }

  /// Pairwise, so that rounding errors grow with the tree's depth only.
  private func sumLanes(_ count: Int, stage: Int, range: Range<Int>) {
    var step = 1
    while step < count {
      var first = 0
      while first + step < count {
        lanes[first].gradients[stage].slice(range.lowerBound, range.count).add(
          lanes[first + step].gradients[stage].slice(range.lowerBound, range.count))
        first += 2 * step
      }
      step *= 2
    }
  }

  /// One part's gradient in the weights' order.
  private func gradient(_ item: UpdateItem) -> FloatSlice {
    switch item {
    case .convolution(let stage): unpacked[stage]?.all ?? lanes[0].gradients[stage]
    case .dense(let stage, let range):
      lanes[0].gradients[stage].slice(range.lowerBound, range.count)
    }
  }

  private func clippingScales() -> [Float] {
    var norms = [Double](repeating: 0, count: plan.stages.count)
    for (item, square) in zip(updates, squares) { norms[item.stage] += square.value }
    if optimizer.clipping == .global {
      norms = Array(repeating: norms.reduce(0, +), count: norms.count)
    }
    return norms.map { square in
      let norm = square.squareRoot()
      return norm > Double(optimizer.clippingNorm)
        ? Float(Double(optimizer.clippingNorm) / norm) : 1
    }
  }

  /// Steps one part's weights.
  func apply(_ item: Int, _ numbers: UpdateNumbers) throws {
    let update = updates[item]
    let stage = update.stage
    let range =
      switch update {
      case .convolution: 0..<parameters.layouts[stage].weightCount
      case .dense(_, let range): range
      }
    let offset = parameters.offsets[stage] + range.lowerBound
    let weights = parameters.values.slice(offset, range.count)
    let bound = optimizer.weightClamp ?? .infinity
    switch optimizer.kind {
    case .adamW:
      OptimizerStep.adamW(
        OptimizerStep.AdamW(
          rate: numbers.rate, beta1: optimizer.beta1, beta2: optimizer.beta2,
          epsilon: optimizer.epsilon, weightDecay: optimizer.weightDecay, step: numbers.step),
        weights: weights, gradient: gradient(update), first: first.slice(offset, range.count),
        second: second.slice(offset, range.count), gradientScale: numbers.scale(stage),
        bound: bound)
    case .sgd:
      OptimizerStep.sgd(
        OptimizerStep.SGD(
          rate: numbers.rate, momentum: optimizer.momentum, weightDecay: optimizer.weightDecay),
        weights: weights, gradient: gradient(update), velocity: first.slice(offset, range.count),
        gradientScale: numbers.scale(stage), bound: bound)
    }
    if !weights.isFinite { diverged.store(true, ordering: .relaxed) }
    if case .convolution = update { try parameters.pack(stage) }
  }
}
