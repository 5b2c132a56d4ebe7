internal import Counterspike
internal import CounterspikeKernels

/// What an audit finds out by changing weights.
struct AuditWeights {
  let probe: NetworkProbe
  let plan: NetworkPlan
  /// By parameter.
  let weights: [[Float]]
  let settings: AuditSettings
  /// By rule, then by parameter.
  let gradients: [[[Float]]]

  static func square(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }
  }

  static func product(_ a: [Float], _ b: [Float]) -> Double {
    var sum = 0.0
    for i in a.indices { sum += Double(a[i]) * Double(b[i]) }
    return sum
  }

  // MARK: Descent

  /// The true loss after steps of equal lengths along every rule's gradient.
  func descents() throws -> [AuditReport.Descent] {
    let scopes: [(name: String, parameters: [Int])] =
      plan.stages.map { ($0.name, $0.parameters) } + [("all", Array(weights.indices))]
    let lengths = settings.stepLengths
    let gradients = gradients
    let norms = scopes.map { scope in
      scope.parameters.reduce(0) { $0 + Self.square(weights[$1]) }.squareRoot()
    }
    let gradientNorms = gradients.map { gradient in
      scopes.map { scope in
        scope.parameters.reduce(0) { $0 + Self.square(gradient[$1]) }.squareRoot()
      }
    }
    let count = scopes.count * gradients.count * lengths.count
    let losses = try probe.meanLosses(count) { item in
      let scope = item / (gradients.count * lengths.count)
      let rule = item / lengths.count % gradients.count
      let norm = gradientNorms[rule][scope]
      guard norm > 0 else { return [] }
      let factor = Float(-lengths[item % lengths.count] * norms[scope] / norm)
      return scopes[scope].parameters.map { parameter in
        (parameter, gradients[rule][parameter].map { $0 * factor })
      }
    }
    return scopes.indices.map { scope in
      AuditReport.Descent(
        scope: scopes[scope].name,
        losses: gradients.indices.map { rule in
          let first = (scope * gradients.count + rule) * lengths.count
          return Array(losses[first..<first + lengths.count])
        })
    }
  }

  // MARK: Cosines

  /// Cosines between the rules, and to the smoothed loss's gradient.
  func cosines() throws -> [AuditReport.Cosines] {
    var cosines: [AuditReport.Cosines] = []
    for (place, stage) in plan.stages.enumerated() {
      cosines.append(
        AuditReport.Cosines(
          scope: stage.name, between: between(stage.parameters), smoothed: try smoothed(place)))
    }
    cosines.append(
      AuditReport.Cosines(
        scope: "all", between: between(Array(weights.indices)), smoothed: nil))
    return cosines
  }

  private func between(_ parameters: [Int]) -> [[Double?]] {
    let norms = gradients.map { gradient in
      parameters.reduce(0) { $0 + Self.square(gradient[$1]) }.squareRoot()
    }
    return gradients.indices.map { a in
      gradients.indices.map { b in
        guard norms[a] > 0, norms[b] > 0 else { return nil }
        return parameters.reduce(0) { $0 + Self.product(gradients[a][$1], gradients[b][$1]) }
          / (norms[a] * norms[b])
      }
    }
  }

  /// The cosine to the gradient of E[L(W + σz)], z Gaussian, one layer's weights perturbed.
  ///
  /// With D_p = L(W + σz_p) − L(W − σz_p) and a rule's prediction of it, P_p = 2σ·z_p·G, the
  /// uncentred correlation of D and P is the cosine of G with the smoothed gradient if D is linear
  /// in z, and smaller in magnitude if it is not. Of an unrelated direction it is 0 ± 1/√pairs.
  private func smoothed(_ stage: Int) throws -> [Double?] {
    // Biases and normalizations are of another size, and few.
    let own = plan.stages[stage].parameters.filter { plan.parameters[$0].role == .weight }
    let counts = own.map { weights[$0].count }
    let count = counts.reduce(0, +)
    let rms =
      (own.reduce(0) { $0 + Self.square(weights[$1]) } / Double(max(count, 1))).squareRoot()
    let standardDeviation = settings.smoothing * rms
    let seed = settings.seed
    @Sendable func perturbation(_ pair: Int) -> [Float] {
      var stream = RandomStream(seed: seed, purpose: .audit, 1 << 21 | stage, pair)
      return (0..<count).map { _ in Float(standardDeviation * stream.normal()) }
    }
    let losses = try probe.meanLosses(2 * settings.perturbations) { item in
      let values = perturbation(item / 2)
      var parts: NetworkProbe.WeightChange = []
      var begin = 0
      for (parameter, count) in zip(own, counts) {
        let part = values[begin..<begin + count]
        parts.append((parameter, item % 2 == 0 ? Array(part) : part.map { -$0 }))
        begin += count
      }
      return parts
    }
    let differences = (0..<settings.perturbations).map { losses[2 * $0] - losses[2 * $0 + 1] }
    var products = [Double](repeating: 0, count: gradients.count)
    var squares = products
    for pair in 0..<settings.perturbations {
      let values = perturbation(pair)
      for rule in gradients.indices {
        let predicted = 2 * Self.product(values, own.flatMap { gradients[rule][$0] })
        products[rule] += predicted * differences[pair]
        squares[rule] += predicted * predicted
      }
    }
    let square = differences.reduce(0) { $0 + $1 * $1 }
    return gradients.indices.map { rule in
      square > 0 && squares[rule] > 0
        ? products[rule] / (square * squares[rule]).squareRoot() : nil
    }
  }
}
