import CounterspikeKernels
import CounterspikeReference

/// Neighborhood aggregation without a single replay.
///
/// With the reset-free membrane V(t) = m·V(t−1) + c[t] and Z(t) = (V(t) − θ)·m^(−t), a neuron that
/// stands at θ at k fires next at the first t > k with Z(t) > Z(k), the next greater element, and
/// one freshly reset at k at the first with Z(t) > Z(k) + θ·m^(−k). A stack of the steps that no
/// earlier one hides, Z growing towards its bottom, answers both by bisection: O(T log T).
struct NextGreaterElement {
  let neuron: NeuronReference

  /// The first spike after each step, for a neuron that is there reset, or left at θ.
  struct FirstSpikes {
    /// Index k + 1; 0 stands for the start.
    var reset: [Int?] = []
    var threshold: [Int?] = []
  }

  /// - Precondition: m^(−T) is within the range of a double: T up to 600 for m = 1/3.
  func firstSpikes(_ currents: [Double]) -> FirstSpikes {
    let m = neuron.membraneDecay
    var free = [0.0]
    for c in currents { free.append(m * free[free.count - 1] + c) }
    var scale = [1.0]
    for _ in currents { scale.append(scale[scale.count - 1] / m) }
    precondition(scale[scale.count - 1].isFinite)
    let z = zip(free, scale).map { ($0 - neuron.threshold) * $1 }

    var result = FirstSpikes(
      reset: Array(repeating: nil, count: z.count),
      threshold: Array(repeating: nil, count: z.count))
    var stack: [Int] = []
    func first(above bound: Double) -> Int? {
      // Those below `low` are greater, those from `high` on are not.
      var (low, high) = (0, stack.count)
      while low < high {
        let middle = (low + high) / 2
        if z[stack[middle]] > bound { low = middle + 1 } else { high = middle }
      }
      return low > 0 ? stack[low - 1] - 1 : nil
    }
    for k in z.indices.reversed() {
      result.reset[k] = first(above: z[k] + neuron.threshold * scale[k])
      result.threshold[k] = first(above: z[k])
      while let top = stack.last, z[top] <= z[k] { stack.removeLast() }
      stack.append(k)
    }
    return result
  }

  /// δ[k] = ΔL_k·w(θ − u[k])
  ///
  /// - Parameter filtered: the error whose sum over spikes the differences are, e or e filtered
  ///   once more.
  func deltas(
    currents: [Double], filtered e: [Double], weight: (_ distance: Double) -> Double
  ) -> [Double] {
    let next = firstSpikes(currents)
    let count = currents.count
    var spikes = [Bool](repeating: false, count: count)
    var spike = next.reset[0]
    while let t = spike {
      spikes[t] = true
      spike = next.reset[t + 1]
    }
    var later = [Double](repeating: 0, count: count)  // R
    func gain(_ first: Int?) -> Double { first.map { e[$0] + later[$0] } ?? 0 }
    var differences = later
    var real = 0.0  // O
    for k in (0..<count).reversed() {
      later[k] = gain(next.reset[k + 1])
      differences[k] =
        spikes[k]
        ? -e[k] + gain(next.threshold[k + 1]) - real
        : e[k] + later[k] - real
      if spikes[k] { real += e[k] }
    }
    var u = 0.0
    return (0..<count).map { k in
      u = neuron.membraneDecay * (k > 0 && spikes[k - 1] ? 0 : u) + currents[k]
      return (1 - neuron.synapticDecay) * differences[k] * weight(neuron.threshold - u)
    }
  }
}
