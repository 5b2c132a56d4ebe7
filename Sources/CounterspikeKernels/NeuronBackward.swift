/// A rule that gives δ[t] = ∂L/∂u[t] for a block of neurons, on rows of T lanes.
///
/// A new rule is one type that conforms to this, one case of ``SpikeRule`` and one name in a recipe.
protocol BlockRule {
  /// Computes δ.
  ///
  /// - Parameter block: c and e are given and may be overwritten; δ is to be written.
  func run(_ block: BlockRows)
}

/// The rows of T lanes that a rule works on.
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

  /// Writes the membrane u[t], before the reset, that the currents lead to.
  @inline(__always)
  func writeMembrane(
    _ membrane: UnsafeMutablePointer<Lanes>, decay m: Lanes, threshold theta: Lanes
  ) {
    var v = Lanes()
    for t in 0..<timeSteps {
      let u = m * v + currents[t]
      membrane[t] = u
      v = u.select(Lanes(), where: u .> theta)
    }
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
  ///   - currents: c as in the forward pass; overwritten by δ. For a still image's plane by
  ///     Σ_t (1 − sᵗ⁺¹)·δ[t], the gradient with respect to z.
  ///   - gradient: ∂L/∂output, `[T, B, pooledHeight, pooledWidth, channels]`.
  package func backward(
    rule: SpikeRule, currents: FloatSlice, gradient: FloatSlice, scratch: NeuronScratch
  ) {
    precondition(
      currents.count == currentCount && gradient.count == outputCount,
      "\(currents.count) currents and \(gradient.count) gradients for a layer with "
        + "\(currentCount) and \(outputCount)")
    precondition(scratch.timeSteps == timeSteps, "scratch of another number of time steps")
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
      backward(TSSLBPBlock(layer: self), currents.pointer, gradient.pointer, scratch)
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
    let scales = prepareScales(scratch.row(0))
    let rows = BlockRows(
      timeSteps: timeSteps, currents: scratch.row(1), errors: scratch.row(2),
      deltas: scratch.row(3), first: scratch.row(4), second: scratch.row(5),
      third: scratch.row(6), fourth: scratch.row(7))
    let rowStride = width &* channels
    for image in 0..<batch {
      for y in 0..<height {
        let row = (image &* height &+ y) &* rowStride
        let pooledY = pooling == 1 ? y : y / pooling
        for x in 0..<width {
          let pooledX = pooling == 1 ? x : x / pooling
          let pixel = row &+ x &* channels
          guard pooledY < pooledHeight, pooledX < pooledWidth else {
            clear(currents, at: pixel, stride: scales.stride)
            continue
          }
          let place =
            ((image &* pooledHeight &+ pooledY) &* pooledWidth &+ pooledX) &* channels
          for channel in stride(from: 0, to: channels, by: FloatBuffer.laneCount) {
            block(
              rule, currents + pixel + channel, gradient + place + channel, scales, rows)
          }
        }
      }
    }
  }

  @inline(__always)
  private func block<Rule: BlockRule>(
    _ rule: Rule, _ currents: UnsafeMutablePointer<Float>,
    _ gradient: UnsafeMutablePointer<Float>,
    _ scales: (factors: UnsafeMutablePointer<Lanes>, stride: Int), _ rows: BlockRows
  ) {
    let d = Lanes(repeating: synapticDecay)
    let factor = Lanes(repeating: poolingFactor)
    let gradientStride = pooledPlane
    var e = Lanes()
    var t = timeSteps
    while t > 0 {
      t &-= 1
      rows.currents[t] = currents.lanes(t &* scales.stride) * scales.factors[t]
      e = factor * gradient.lanes(t &* gradientStride) + d * e
      rows.errors[t] = e
    }
    rule.run(rows)
    if stillInputDecay == nil {
      for t in 0..<timeSteps { currents.store(rows.deltas[t], t &* scales.stride) }
    } else {
      var sum = Lanes()
      for t in 0..<timeSteps { sum += scales.factors[t] * rows.deltas[t] }
      currents.store(sum, 0)
    }
  }

  /// Neurons that no pooling window covers have no gradient.
  private func clear(_ currents: UnsafeMutablePointer<Float>, at pixel: Int, stride: Int) {
    for t in 0..<(stillInputDecay == nil ? timeSteps : 1) {
      (currents + t &* stride + pixel).update(repeating: 0, count: channels)
    }
  }
}
