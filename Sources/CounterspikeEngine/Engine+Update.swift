internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeProducts
internal import CounterspikeSettings
internal import CounterspikeSystem
internal import Synchronization

/// A part of the weights that one worker updates at a time.
enum UpdateItem: Sendable {
  /// A whole convolution: its gradient comes in oneDNN's order.
  case convolution(parameter: Int)
  /// A range of any other parameter.
  case range(parameter: Int, range: Range<Int>)

  /// Values that are updated at a time.
  private static let chunk = 16384

  /// - Parameter frozen: the names of stages that are not updated.
  static func items(_ parameters: Parameters, frozen: [String]) -> [UpdateItem] {
    var items: [UpdateItem] = []
    let stages = parameters.plan.network.stages
    for (parameter, layout) in parameters.layouts.enumerated()
    where !frozen.contains(stages[layout.stage].name) {
      if layout.convolution != nil {
        items.append(.convolution(parameter: parameter))
        continue
      }
      for begin in stride(from: 0, to: layout.count, by: chunk) {
        items.append(
          .range(parameter: parameter, range: begin..<min(begin + chunk, layout.count)))
      }
    }
    return items
  }

  var parameter: Int {
    switch self {
    case .convolution(let parameter), .range(let parameter, _): parameter
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

/// What is no longer finite in an engine's state.
package struct Divergence: OptionSet, Sendable {
  package let rawValue: Int

  package init(rawValue: Int) { self.rawValue = rawValue }

  package static let none: Divergence = []
  package static let weights = Divergence(rawValue: 1)
  /// AdamW's means of squared gradients: a gradient beyond 1e19 is finite, and its square is not. Its weight
  /// is then divided by infinity, so that it stands still for ever, and nothing else shows it.
  package static let secondMoments = Divergence(rawValue: 2)
}

extension Engine {
  /// The layer that a part of the parameters belongs to.
  func stage(of item: UpdateItem) -> Int { parameters.layouts[item.parameter].stage }

  /// Sums what is left to be summed, clips, takes an optimizer step, and rounds what is to be rounded.
  func update(learningRate: Float, step: Int) throws {
    var numbers = UpdateNumbers(rate: learningRate, step: step)
    if optimizer.clipping == .none {
      phase = .reduceAndUpdate(numbers)
    } else {
      phase = .reduce
      try pool.run(self, items: updates.count)
      numbers.scales = clippingScales()
      phase = .update(numbers)
    }
    try pool.run(self, items: updates.count)
    // Only now: a scale is that of all weights that share it, and of the normalization behind them.
    guard let rounded = parameters.plan.rounded else { return }
    phase = .round(rounded)
    try pool.run(self, items: rounded.items.count)
  }

  /// Completes the sum of one part's gradient, which is then in the weights' order.
  func reduce(_ item: Int) throws {
    switch updates[item] {
    case .convolution(let parameter):
      let gradient = sums[parameter]
      merge(parameter: parameter, range: 0..<gradient.count)
      guard let result = unpacked[parameter],
        let convolution = parameters.layouts[parameter].convolution
      else { return }
      try convolution.unpack(gradient, into: result.all)
    case .range(let parameter, let range):
      merge(parameter: parameter, range: range)
    }
    if optimizer.clipping != .none { squares[item].value = gradient(updates[item]).squaredNorm }
  }

  /// The batch's gradient, one slice a parameter; complete where it has been reduced.
  var sums: [FloatSlice] { tree.buffers[tree.root].gradients }

  /// Makes the sums that the tree leaves to the update, of one part.
  private func merge(parameter: Int, range: Range<Int>) {
    for merge in tree.merges {
      let from = tree.buffers[merge.from].gradients[parameter]
      tree.buffers[merge.into].gradients[parameter].slice(range.lowerBound, range.count).add(
        from.slice(range.lowerBound, range.count))
    }
  }

  /// One part's gradient in the weights' order.
  private func gradient(_ item: UpdateItem) -> FloatSlice {
    switch item {
    case .convolution(let parameter): unpacked[parameter]?.all ?? sums[parameter]
    case .range(let parameter, let range):
      sums[parameter].slice(range.lowerBound, range.count)
    }
  }

  private func clippingScales() -> [Float] {
    var norms = [Double](repeating: 0, count: plan.stages.count)
    for (item, square) in zip(updates, squares) { norms[stage(of: item)] += square.value }
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
    let layout = parameters.layouts[update.parameter]
    let range =
      switch update {
      case .convolution: 0..<layout.count
      case .range(_, let range): range
      }
    let offset = parameters.offsets[update.parameter] + range.lowerBound
    let weights = parameters.trained(update.parameter).slice(range.lowerBound, range.count)
    let isDecayed = layout.parameter.isDecayed
    let bound = isDecayed ? optimizer.weightClamp ?? .infinity : .infinity
    let decay = isDecayed ? optimizer.weightDecay : 0
    switch optimizer.kind {
    case .adamW:
      OptimizerStep.adamW(
        OptimizerStep.AdamW(
          rate: numbers.rate, beta1: optimizer.beta1, beta2: optimizer.beta2,
          epsilon: optimizer.epsilon, weightDecay: decay, step: numbers.step),
        weights: weights, gradient: gradient(update), first: first.slice(offset, range.count),
        second: second.slice(offset, range.count), gradientScale: numbers.scale(layout.stage),
        bound: bound)
    case .sgd:
      OptimizerStep.sgd(
        OptimizerStep.SGD(
          rate: numbers.rate, momentum: optimizer.momentum, weightDecay: decay),
        weights: weights, gradient: gradient(update), velocity: first.slice(offset, range.count),
        gradientScale: numbers.scale(layout.stage), bound: bound)
    }
    var found = weights.isFinite ? Divergence.none : .weights
    if optimizer.kind == .adamW, !second.slice(offset, range.count).isFinite {
      found.insert(.secondMoments)
    }
    if found != .none { diverged.bitwiseOr(found.rawValue, ordering: .relaxed) }
    // What is rounded is packed when it is.
    if case .convolution = update, parameters.plan.rounded == nil {
      try parameters.pack(update.parameter)
    }
  }
}
