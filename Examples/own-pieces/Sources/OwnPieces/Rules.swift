import Counterspike

/// f(x) = σ(x/w)·(1 − σ(x/w))/w with x = u − θ: the built-in surrogate `sigmoid`, written again.
struct Logistic: SpikeDerivative {
  let width: Float

  func write(
    membrane: Span<Float>, threshold: Span<Float>, into result: inout MutableSpan<Float>
  ) {
    let scale = 1 / width
    for i in membrane.indices {
      let x = abs(membrane[i] - threshold[i]) * scale
      let q = exponential(ofMinus: min(x, 87))
      let half = q + 1
      result[i] = q / (half * half) * scale
    }
  }

  /// e⁻ˣ for 0 ≤ x ≤ 87, in operations that a compiler makes vectors of: 2ⁿ·eʳ with n = round(−x/ln 2), and eʳ
  /// by its Taylor polynomial.
  @inline(__always)
  private func exponential(ofMinus x: Float) -> Float {
    let shifted = -x * 1.442_695_04 + 0x1.8p23
    let n = shifted - 0x1.8p23
    let r = (-x - n * 0.693_359_375) + n * 2.121_944_4e-4
    var p: Float = 1.0 / 5040
    p = p * r + 1.0 / 720
    p = p * r + 1.0 / 120
    p = p * r + 1.0 / 24
    p = p * r + 1.0 / 6
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    return p * Float(bitPattern: (shifted.bitPattern &+ 127) &<< 23)
  }
}

/// f(x) = 1/w where |x| < w/2, else 0: the built-in surrogate `rectangle`, written again.
struct Boxcar: SpikeDerivative {
  let width: Float

  func write(
    membrane: Span<Float>, threshold: Span<Float>, into result: inout MutableSpan<Float>
  ) {
    for i in membrane.indices {
      result[i] = abs(membrane[i] - threshold[i]) < width / 2 ? 1 / width : 0
    }
  }
}

/// Neighborhood aggregation for neurons that a spike resets to zero, with the weight sign(r)·q/(r² + q) of the distance
/// r = θ − u: the built-in rule `neighborhood` with `distance: lorentzian` and `error: exact`, written again the
/// straight way, each spike inverted and the neuron replayed behind it.
struct Replay: NeuronRule {
  let width: Float

  func write(
    _ neurons: RuleNeurons, currents: Span<Float>, errors: Span<Float>,
    into deltas: inout MutableSpan<Float>
  ) {
    // Sixteen neurons at a time.
    for first in stride(from: 0, to: neurons.count, by: 16) {
      write(neurons, first, currents, errors, &deltas)
    }
  }

  private func write(
    _ neurons: RuleNeurons, _ first: Int, _ currents: Span<Float>, _ errors: Span<Float>,
    _ deltas: inout MutableSpan<Float>
  ) {
    typealias Lanes = SIMD16<Float>
    let (steps, n) = (neurons.timeSteps, neurons.count)
    let (m, theta) = (neurons.membraneDecay, Lanes(repeating: neurons.threshold))
    let (zero, gain) = (Lanes(), 1 - neurons.synapticDecay)
    // u stands where δ comes; no later step needs it.
    var v = zero
    for t in 0..<steps {
      let u = m * v + currents.lanes(at: t * n + first)
      deltas.setLanes(u, at: t * n + first)
      v = u.replacing(with: zero, where: u .> theta)
    }
    for k in 0..<steps {
      let place = k * n + first
      let u = deltas.span.lanes(at: place)
      let fired = u .> theta
      let error = errors.lanes(at: place)
      // The neuron that (not) fired here stands at 0, or at the threshold.
      var other = zero.replacing(with: theta, where: fired)
      var sum = error.replacing(with: -error, where: fired)
      for t in k + 1..<max(steps, k + 1) {
        let now = t * n + first
        let real = deltas.span.lanes(at: now)
        if (t - k) % 4 == 0 {
          let before = deltas.span.lanes(at: now - n)
          if !any(other .!= before.replacing(with: zero, where: before .> theta)) { break }
        }
        other = m * other + currents.lanes(at: now)
        let error = errors.lanes(at: now)
        sum += zero.replacing(with: error, where: other .> theta)
        sum -= zero.replacing(with: error, where: real .> theta)
        other.replace(with: zero, where: other .> theta)
      }
      let r = theta - u
      let weight = width / (r * r + width)
      deltas.setLanes(gain * sum * weight.replacing(with: -weight, where: fired), at: place)
    }
  }
}
