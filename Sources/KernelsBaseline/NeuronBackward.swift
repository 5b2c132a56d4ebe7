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

/// The rows of T lanes that a rule works on; each has ``NeuronRows/padding`` more behind them.
struct BlockRows {
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
  /// Free floats, one a time step and ``NeuronRows/padding`` more.
  let powers: FloatPointer

  @inline(__always)
  init(_ rows: NeuronRows) {
    self.init(rows.lanes, timeSteps: rows.timeSteps, powers: rows.powers)
  }

  /// - Parameter base: of ``NeuronRows/count`` rows, one behind the other.
  @inline(__always)
  init(
    _ base: UnsafeMutablePointer<Lanes>, timeSteps: Int, powers: FloatPointer
  ) {
    let length = timeSteps &+ NeuronRows.padding
    self.timeSteps = timeSteps
    currents = base
    errors = base + length
    deltas = base + 2 &* length
    first = base + 3 &* length
    second = base + 4 &* length
    third = base + 5 &* length
    fourth = base + 6 &* length
    fifth = base + 7 &* length
    plainErrors = base + 8 &* length
    self.powers = powers
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

extension NeuronRows {
  @inline(__always)
  func row(_ index: Int) -> UnsafeMutablePointer<Lanes> { lanes + index &* length }
}

extension Kernels {
  /// The backward pass of
  /// ``NeuronLayer/backward(rule:currents:gradient:scratch:constants:constantGradients:)``.
  static func backward(
    _ layer: NeuronLayer, rule: VectorRule, currents: FloatPointer,
    gradient: FloatPointer, rows: NeuronRows, constants: NeuronConstantPlaces?,
    constantGradients: NeuronConstantPlaces?
  ) {
    guard layer.dynamics.isRenewed && constants == nil && constantGradients == nil else {
      let dynamicRule = DynamicRule(
        rule: rule, exactMembraneDecay: constants == nil ? layer.exactMembraneDecay : nil,
        layer: layer)
      layer.backward(dynamicRule, currents, gradient, rows, constants, constantGradients)
      return
    }
    func run(_ rule: some BlockRule) { layer.backward(rule, currents, gradient, rows) }
    switch rule {
    case .neighborhood(let rule):
      func aggregate(_ weight: some DistanceWeight) {
        run(NeighborhoodBlock(layer: layer, filtersTwice: rule.filtersTwice, weight: weight))
      }
      switch rule.weight {
      case .inverse(let bound): aggregate(InverseWeight(bound: bound))
      case .inverseCube(let bound): aggregate(InverseCubeWeight(bound: bound))
      case .lorentzian(let width): aggregate(LorentzianWeight(width: width))
      case .gaussian(let deviation): aggregate(GaussianWeight(deviation: deviation))
      case .none: aggregate(UnitWeight())
      }
    case .surrogate(let rule): run(SurrogateBlock(layer: layer, rule: rule))
    case .tsslbp: run(TSSLBPBlock(step: layer.step()))
    case .slayer(let rule): run(SLAYERBlock(layer: layer, rule: rule))
    case .external(let call): run(ExternalBlock(step: layer.step(), call: call))
    case .own(let call): run(ExternalRuleBlock(call: call, layer: layer))
    }
  }
}

extension NeuronLayer {
  func backward<Rule: BlockRule>(
    _ rule: Rule, _ currents: FloatPointer,
    _ gradient: FloatPointer, _ rows: NeuronRows
  ) {
    let scales = prepareScales(rows)
    let rows = BlockRows(rows)
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
    _ gradient: FloatPointer, _ window: OctetPair, _ rows: BlockRows,
    decay d: Lanes
  ) {
    let factor = Lanes(repeating: poolingFactor)
    let stride = outputTimeStride ?? pooledPlane
    var e = Lanes()
    var t = timeSteps
    while t > 0 {
      t &-= 1
      let row = t &* stride
      let g = gradient.lanes(row &+ window.first.output, row &+ window.second.output)
      e = factor * g + d * e
      rows.errors[t] = e
    }
  }

  /// Writes δ over the currents, or, of a static input, what it sums up to.
  @inline(always)
  func store(
    _ rows: BlockRows, _ currents: FloatPointer, _ first: Int, _ second: Int,
    _ scales: (factors: FloatPointer, stride: Int)
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
  func clearUncovered(_ currents: FloatPointer, stride: Int) {
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
