import Counterspike
import CounterspikeKernels

/// The losses by the letter, in double precision.
struct NaiveLoss {
  /// The loss of one sample, and ∂loss/∂a `[T][classes]`.
  typealias Result = (loss: Double, gradient: [[Double]])

  let settings: LossSettings
  let plan: NetworkPlan

  init(_ settings: LossSettings, plan: NetworkPlan) {
    self.settings = settings
    self.plan = plan
  }

  /// The loss, and ∂loss/∂a `[T][B][classes]`.
  func run(
    _ psc: NaiveNetwork.Values, labels: [Int]
  ) -> (loss: Double, gradient: NaiveNetwork.Values) {
    var loss = 0.0
    var gradient = psc
    for (sample, label) in labels.enumerated() {
      let result = run(psc.map { $0[sample] }, label: label)
      loss += result.loss
      for t in psc.indices { gradient[t][sample] = result.gradient[t] }
    }
    return (loss, gradient)
  }

  /// Of one sample, `[T][classes]`.
  ///
  /// - Parameter target: numbers of the sample, `[T][classes]` or `[1][classes]`.
  func run(_ psc: [[Double]], label: Int, target: [[Double]] = []) -> Result {
    var sum = Result(0, psc.map { $0.map { _ in 0 } })
    for term in settings.terms {
      let result: Result =
        switch term.loss {
        case .kernel(let filter): kernel(psc, label, filter)
        case .count(let desired, let undesired): count(psc, label, desired, undesired)
        case .softmax(.everyStep, let smoothing): everyStep(psc, label, smoothing)
        case .softmax(let reduction, let smoothing): softmax(psc, label, reduction, smoothing)
        case .rate(let desired, let undesired):
          squares(psc, .rate, psc[0].indices.map { Double($0 == label ? desired : undesired) })
        case .latency(let scale): latency(psc, label, Double(scale))
        case .squaredError(.everyStep): stepwiseSquares(psc, target)
        case .squaredError(let reduction): squares(psc, reduction, target[0])
        case .registered(let piece): preconditionFailure("the loss \(piece.name)")
        }
      var factor = Double(term.weight)
      if case .list(let weights) = term.classWeights { factor *= weights[label] }
      sum.loss += factor * result.loss
      for t in psc.indices {
        for k in psc[t].indices { sum.gradient[t][k] += factor * result.gradient[t][k] }
      }
    }
    return sum
  }

  private var decay: Double { plan.stages[plan.stages.count - 1].neuron.synapticDecay }

  private func filtered(_ values: [Double]) -> [Double] {
    var state = 0.0
    return values.map {
      state = decay * state + (1 - decay) * $0
      return state
    }
  }

  /// s[t] of every neuron, `[T][classes]`.
  private func spikes(_ psc: [[Double]]) -> [[Double]] {
    psc.indices.map { t in
      psc[t].indices.map { k in
        ((psc[t][k] - decay * (t == 0 ? 0 : psc[t - 1][k])) / (1 - decay)).rounded()
      }
    }
  }

  /// What has to be given back for a derivative with respect to single spikes, which is the same at every
  /// step: filtered, (1−d)·e[t], it must be that again.
  private func shares(_ slope: Double, steps: Int) -> [Double] {
    (0..<steps).map { $0 == steps - 1 ? slope / (1 - decay) : slope }
  }

  private func kernel(
    _ psc: [[Double]], _ label: Int, _ filter: LossSettings.TargetFilter
  ) -> Result {
    var target = filtered(psc.map { _ in 1 })
    if filter == .twice, target.count > 1 { target = filtered(target) }
    let gradient = zip(psc, target).map { a, y in
      a.indices.map { a[$0] - ($0 == label ? y : 0) }
    }
    return (gradient.joined().reduce(0) { $0 + $1 * $1 } / 2, gradient)
  }

  private func count(
    _ psc: [[Double]], _ label: Int, _ desired: Int?, _ undesired: Int
  ) -> Result {
    let steps = Double(psc.count)
    let spikes = spikes(psc)
    var loss = 0.0
    var gradient = psc
    for k in psc[0].indices {
      let n = spikes.reduce(0) { $0 + $1[k] }
      var difference = n - Double(k == label ? desired ?? psc.count : undesired)
      if k == label ? difference > 0 : difference < 0 { difference = 0 }
      loss += difference * difference / steps / steps / 2
      let shares = shares(difference / steps / steps, steps: psc.count)
      for t in psc.indices { gradient[t][k] = shares[t] }
    }
    return (loss, gradient)
  }

  /// The reduced output of neuron `k`, and its derivative with respect to a[t].
  private func reduced(
    _ psc: [[Double]], _ k: Int, _ reduction: Loss.Reduction
  ) -> (value: Double, slopes: [Double]) {
    let a = psc.map { $0[k] }
    let steps = Double(a.count)
    func only(_ step: Int) -> [Double] { a.indices.map { $0 == step ? 1 : 0 } }
    switch reduction {
    case .sum: return (a.reduce(0, +), a.map { _ in 1 })
    case .mean: return (a.reduce(0, +) / steps, a.map { _ in 1 / steps })
    case .last: return (a[a.count - 1], only(a.count - 1))
    case .largest:
      let largest = a.max() ?? 0
      return (largest, only(a.firstIndex(of: largest) ?? 0))
    case .rate:
      let n = spikes(psc).reduce(0) { $0 + $1[k] }
      return (n / steps, shares(1 / steps, steps: a.count))
    case .everyStep: preconditionFailure("not reduced")
    }
  }

  /// −Σ q ln p, and its derivative p − q.
  private func crossEntropy(_ values: [Double], _ label: Int, _ smoothing: Float) -> (
    loss: Double, slopes: [Double]
  ) {
    let powers = values.map { exponential($0) }
    let total = powers.reduce(0, +)
    let p = powers.map { $0 / total }
    let q = values.indices.map {
      Double(smoothing) / Double(values.count) + ($0 == label ? 1 - Double(smoothing) : 0)
    }
    return (
      zip(p, q).reduce(0) { $0 - $1.1 * naturalLogarithm($1.0) }, zip(p, q).map { $0 - $1 }
    )
  }

  private func softmax(
    _ psc: [[Double]], _ label: Int, _ reduction: Loss.Reduction, _ smoothing: Float
  ) -> Result {
    let outputs = psc[0].indices.map { reduced(psc, $0, reduction) }
    let (loss, slopes) = crossEntropy(outputs.map(\.value), label, smoothing)
    return (
      loss,
      psc.indices.map { t in slopes.indices.map { slopes[$0] * outputs[$0].slopes[t] } }
    )
  }

  private func everyStep(_ psc: [[Double]], _ label: Int, _ smoothing: Float) -> Result {
    let steps = psc.map { crossEntropy($0, label, smoothing) }
    let count = Double(psc.count)
    return (
      steps.reduce(0) { $0 + $1.loss } / count, steps.map { $0.slopes.map { $0 / count } }
    )
  }

  private func squares(
    _ psc: [[Double]], _ reduction: Loss.Reduction, _ target: [Double]
  ) -> Result {
    let outputs = psc[0].indices.map { reduced(psc, $0, reduction) }
    let differences = zip(outputs, target).map { $0.value - $1 }
    let count = Double(target.count)
    return (
      differences.reduce(0) { $0 + $1 * $1 } / count,
      psc.indices.map { t in
        outputs.indices.map { 2 * differences[$0] / count * outputs[$0].slopes[t] }
      }
    )
  }

  private func stepwiseSquares(_ psc: [[Double]], _ target: [[Double]]) -> Result {
    let differences = psc.indices.map { t in
      psc[t].indices.map { psc[t][$0] - target[target.count == 1 ? 0 : t][$0] }
    }
    let count = Double(psc.count * psc[0].count)
    return (
      differences.joined().reduce(0) { $0 + $1 * $1 } / count,
      differences.map { $0.map { 2 * $0 / count } }
    )
  }

  private func latency(_ psc: [[Double]], _ label: Int, _ scale: Double) -> Result {
    let spikes = spikes(psc)
    let first = psc[0].indices.map { k in spikes.firstIndex { $0[k] > 0 } ?? psc.count - 1 }
    let (loss, slopes) = crossEntropy(first.map { -Double($0) / scale }, label, 0)
    return (
      loss,
      psc.indices.map { t in
        slopes.indices.map { first[$0] == t ? slopes[$0] / scale / (1 - decay) : 0 }
      }
    )
  }
}

extension LossSettings {
  /// Wants no more spikes than there are time steps.
  mutating func limitCounts(timeSteps: Int) {
    for index in terms.indices {
      if case .count(let desired, let undesired) = terms[index].loss {
        terms[index].loss = .count(
          desired: desired.map { min($0, timeSteps) }, undesired: min(undesired, timeSteps))
      }
    }
  }
}
