/// A rule that gives δ[t] = ∂L/∂u[t] for a block of neurons, on rows of T lanes.
///
/// A new rule is one type that conforms to this, one case of ``SpikeRule`` and one name in a recipe.
protocol BlockRule {
  /// Called once, before the blocks of a layer.
  func prepare(_ rows: BlockRows)

  /// Called once for all neurons of a pooling window, which share e: it may be overwritten.
  func prepareErrors(_ rows: BlockRows)

  /// Computes δ.
  ///
  /// - Parameter block: c and e are given, and c may be overwritten; δ is to be written.
  func run(_ block: BlockRows)
}

extension BlockRule {
  func prepare(_ rows: BlockRows) {}
  func prepareErrors(_ rows: BlockRows) {}
}

/// The rows of T lanes that a rule works on; each has ``padding`` more behind them.
struct BlockRows {
  /// Lanes behind the last time step of a row, so that four steps can be read at once.
  static let padding = 4

  let timeSteps: Int
  /// c[t], the currents.
  let currents: UnsafeMutablePointer<Lanes>
  /// e[t] = g[t] + d·e[t+1], the filtered error; (1−d)·e[t] is what one more spike would add.
  let errors: UnsafeMutablePointer<Lanes>
  /// δ[t]
  let deltas: UnsafeMutablePointer<Lanes>
  /// Free rows.
  let first: UnsafeMutablePointer<Lanes>
  let second: UnsafeMutablePointer<Lanes>
  let third: UnsafeMutablePointer<Lanes>
  let fourth: UnsafeMutablePointer<Lanes>
  let fifth: UnsafeMutablePointer<Lanes>
  /// e[t] as filtered once, where the constants' gradients are wanted.
  let plainErrors: UnsafeMutablePointer<Lanes>
  /// Free floats, one a time step and ``padding`` more.
  let powers: UnsafeMutablePointer<Float>

  init(_ scratch: NeuronScratch) {
    timeSteps = scratch.timeSteps
    currents = scratch.row(0)
    errors = scratch.row(1)
    deltas = scratch.row(2)
    first = scratch.row(3)
    second = scratch.row(4)
    third = scratch.row(5)
    fourth = scratch.row(6)
    fifth = scratch.row(7)
    plainErrors = scratch.row(8)
    powers = scratch.powers
  }

  /// Filters the errors: e[t] += d·e[t+1].
  @inline(always)
  func filterErrors(decay d: Lanes) {
    var filtered = Lanes()
    var t = timeSteps
    while t > 0 {
      t &-= 1
      filtered = errors[t] + d * filtered
      errors[t] = filtered
    }
  }

  /// Writes the membrane u[t], before the reset, that the currents lead to.
  @inline(always)
  func writeMembrane(_ membrane: UnsafeMutablePointer<Lanes>, _ step: NeuronStep<Lanes>) {
    var v = Lanes()
    for t in 0..<timeSteps { membrane[t] = step.advance(&v, by: currents[t]).membrane }
  }
}

/// The rules and their settings.
package enum SpikeRule: Sendable, Equatable {
  case neighborhood(NeighborhoodRule)
  case surrogate(SurrogateRule)
  case tsslbp
  case slayer(SLAYERRule)
  case general(GeneralNeighborhoodRule)
}

extension NeuronLayer {
  /// Turns the gradient with respect to the output into the one with respect to the membrane.
  ///
  /// - Parameters:
  ///   - currents: c as in the forward pass; overwritten by δ. For a static input's plane by
  ///     Σ_t (1 − sᵗ⁺¹)·δ[t], the gradient with respect to z.
  ///   - gradient: ∂L/∂output, `[T, B, pooledHeight, pooledWidth, channels]`.
  ///   - constants: of each channel, in place of the layer's.
  ///   - constantGradients: to which ∂L/∂m, ∂L/∂d and ∂L/∂θ of each channel are added.
  /// - Precondition: the rule ``SpikeRule/covers(_:)`` the dynamics.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, scratch: NeuronScratch,
    constants: NeuronConstants? = nil, constantGradients: NeuronConstants? = nil
  ) {
    precondition(
      currents.count == currentCount && gradient.count == outputCount,
      "\(currents.count) currents and \(gradient.count) gradients for a layer with "
        + "\(currentCount) and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
    guard dynamics.isRenewed && constants == nil && constantGradients == nil else {
      backwardDynamic(rule, currents, gradient, scratch, constants, constantGradients)
      return
    }
    switch rule {
    case .neighborhood(let rule):
      switch rule.weight {
      case .inverse(let bound):
        neighborhood(rule, InverseWeight(bound: bound), currents, gradient, scratch)
      case .inverseCube(let bound):
        neighborhood(rule, InverseCubeWeight(bound: bound), currents, gradient, scratch)
      case .lorentzian(let width):
        neighborhood(rule, LorentzianWeight(width: width), currents, gradient, scratch)
      case .gaussian(let deviation):
        neighborhood(rule, GaussianWeight(deviation: deviation), currents, gradient, scratch)
      case .none:
        neighborhood(rule, UnitWeight(), currents, gradient, scratch)
      }
    case .surrogate(let rule):
      backward(
        SurrogateBlock(layer: self, rule: rule), currents.pointer, gradient.pointer, scratch)
    case .tsslbp:
      backward(TSSLBPBlock(step: step()), currents.pointer, gradient.pointer, scratch)
    case .slayer(let rule):
      backward(SLAYERBlock(layer: self, rule: rule), currents.pointer, gradient.pointer, scratch)
    case .general(let rule):
      backward(
        GeneralNeighborhoodBlock(layer: self, rule: rule), currents.pointer, gradient.pointer,
        scratch)
    }
  }

  private func neighborhood<Weight: DistanceWeight>(
    _ rule: NeighborhoodRule, _ weight: Weight, _ currents: FloatSlice, _ gradient: FloatSlice,
    _ scratch: NeuronScratch
  ) {
    let block = NeighborhoodBlock(
      layer: self, filtersTwice: rule.filtersTwice, weight: weight)
    backward(block, currents.pointer, gradient.pointer, scratch)
  }

  private func backward<Rule: BlockRule>(
    _ rule: Rule, _ currents: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>, _ scratch: NeuronScratch
  ) {
    let scales = prepareScales(scratch)
    let rows = BlockRows(scratch)
    rule.prepare(rows)
    clearUncovered(currents, stride: scales.stride)
    let rowStride = width &* channels
    forEachWindow { window in
      filterErrors(gradient, window, rows, decay: Lanes(repeating: synapticDecay))
      rule.prepareErrors(rows)
      for y in 0..<pooling {
        for x in 0..<pooling {
          let step = y &* rowStride &+ x &* channels
          let (first, second) = (window.first.neuron &+ step, window.second.neuron &+ step)
          for t in 0..<timeSteps {
            let row = t &* scales.stride
            rows.currents[t] =
              currents.lanes(row &+ first, row &+ second) * Lanes(repeating: scales.factors[t])
          }
          rule.run(rows)
          store(rows, currents, first, second, scales)
        }
      }
    }
  }

  /// e[t] = f·g[t] + d·e[t+1] of a window.
  @inline(always)
  func filterErrors(
    _ gradient: UnsafeMutablePointer<Float>, _ window: OctetPair, _ rows: BlockRows,
    decay d: Lanes
  ) {
    let factor = Lanes(repeating: poolingFactor)
    var e = Lanes()
    var t = timeSteps
    while t > 0 {
      t &-= 1
      let row = t &* pooledPlane
      let g = gradient.lanes(row &+ window.first.output, row &+ window.second.output)
      e = factor * g + d * e
      rows.errors[t] = e
    }
  }

  /// Writes δ over the currents, or, of a static input, what it sums up to.
  @inline(always)
  func store(
    _ rows: BlockRows, _ currents: UnsafeMutablePointer<Float>, _ first: Int, _ second: Int,
    _ scales: (factors: UnsafeMutablePointer<Float>, stride: Int)
  ) {
    if stillInputDecay == nil {
      for t in 0..<timeSteps {
        let row = t &* scales.stride
        currents.store(rows.deltas[t], row &+ first, row &+ second)
      }
    } else {
      var sum = Lanes()
      for t in 0..<timeSteps { sum += Lanes(repeating: scales.factors[t]) * rows.deltas[t] }
      currents.store(sum, first, second)
    }
  }

  /// Neurons that no pooling window covers have no gradient.
  func clearUncovered(_ currents: UnsafeMutablePointer<Float>, stride: Int) {
    let coveredHeight = pooledHeight * pooling
    let coveredWidth = pooledWidth * pooling
    guard coveredHeight < height || coveredWidth < width else { return }
    for t in 0..<(stillInputDecay == nil ? timeSteps : 1) {
      for row in 0..<batch * height {
        let covered = row % height < coveredHeight ? coveredWidth : 0
        let place = t * stride + (row * width + covered) * channels
        (currents + place).update(repeating: 0, count: (width - covered) * channels)
      }
    }
  }
}
