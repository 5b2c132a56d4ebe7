public import Counterspike
internal import CounterspikeKernels

/// Measures which gradient rule tells the truth, everything else frozen: the same weights, the same
/// samples, the same forward pass.
///
/// The truth is brute force: a spike is inverted, that neuron replayed, the *whole rest of the
/// network* run again, and the loss compared.
///
/// ```swift
/// let audit = Audit(recipe: recipe, network: network, source: data.test)
/// let report = try audit.run(AuditSettings()) { print($0) }
/// ```
public struct Audit: Sendable {
  public let recipe: Recipe
  public let network: Network
  public let source: any SampleSource
  /// Epochs that the network was trained for; `nil`: none.
  public let epochs: Int?
  public let rules: [AuditRule]
  /// Which of `rules` is the recipe's.
  public let recipeRule: Int
  /// Threads; they change nothing but the speed.
  public let workers: Int

  /// - Parameters:
  ///   - rules: what to compare; the recipe's own rule comes first if it is not among them.
  public init(
    recipe: Recipe, network: Network, source: any SampleSource, epochs: Int? = nil,
    rules: [AuditRule]? = nil, workers: Int = 1
  ) {
    self.recipe = recipe
    self.network = network
    self.source = source
    self.epochs = epochs
    self.workers = workers
    let rules = rules ?? AuditRule.all(for: network.plan)
    let hasOwnLayers = network.plan.stages.contains {
      $0.gradient != nil || recipe.gradient.settings(of: $0) != recipe.gradient
    }
    if !hasOwnLayers,
      let index = rules.firstIndex(where: { recipe.gradient.acts(like: $0.gradient) })
    {
      self.rules = rules
      recipeRule = index
    } else {
      self.rules = [AuditRule("recipe", recipe.gradient, respectsLayers: true)] + rules
      recipeRule = 0
    }
  }

  /// - Parameter progress: told what comes next, in a few words.
  /// - Throws: `invalidRecipe` for settings that make no audit, and when all trains of too many time
  ///   steps are asked for; `mismatch`
  ///   when samples and network do not fit; `libraryFailure`.
  public func run(
    _ settings: AuditSettings, progress: (String) -> Void = { _ in }
  ) throws -> AuditReport {
    try check(settings)
    let plan = network.plan
    var stream = RandomStream(seed: settings.seed, purpose: .audit, 1 << 22)
    let indices = Array(stream.permutation(source.count).prefix(settings.samples)).sorted()
    progress("running the network")
    let probe = try NetworkProbe(
      network: network, source: source, indices: indices, loss: recipe.loss, workers: workers)
    // What a readout gives has an exact derivative, and there is no spike to invert.
    let firing = plan.stages.indices.filter { plan.stages[$0].fires }
    let flips = plan.stages.indices.map { stage -> [AuditFlip] in
      guard firing.contains(stage) else { return [] }
      var sampler = AuditFlipSampler(probe, stage: stage, seed: settings.seed)
      return settings.isExhaustive
        ? sampler.trains(settings.flips) : sampler.flips(settings.flips)
    }
    var truths: [[Double]] = []
    for stage in plan.stages.indices {
      progress("flipping \(flips[stage].count) spike trains of \(plan.stages[stage].name)")
      truths.append(
        try probe.lossDifferences(stage: stage, changes: flips[stage].map(\.change)))
    }
    progress("computing the gradients of \(rules.count) rules")
    let gradients = try probe.gradients(
      rules.map { ($0.gradient, $0.respectsLayers) },
      neurons: flips.map { $0.map(\.change.neuron) })
    let layers = firing.map {
      layer($0, flips[$0], truths[$0], gradients, settings)
    }
    let weights = AuditWeights(
      probe: probe, plan: plan, weights: network.weights.map(\.scalars), settings: settings,
      gradients: gradients.map(\.weights))
    progress("taking steps along every gradient")
    let descents = try weights.descents()
    progress("perturbing the weights")
    let cosines = try weights.cosines()
    progress("looking for silent neurons")
    let right = (0..<probe.sampleCount).count { probe.predictions[$0] == probe.label(of: $0) }
    return AuditReport(
      name: recipe.name,
      network: LayerNotation.format(recipe.network.layers)
        ?? plan.stages.map(\.name).joined(separator: "-"),
      timeSteps: plan.timeSteps, epochs: epochs, samples: probe.sampleCount,
      loss: probe.losses.reduce(0, +) / Double(probe.sampleCount),
      accuracy: recipe.loss.isRegression ? nil : Double(right) / Double(probe.sampleCount),
      settings: settings, rules: rules,
      recipeRule: recipeRule, layers: layers, descents: descents, cosines: cosines,
      noiseFloor: 1 / Double(max(settings.perturbations, 1)).squareRoot(),
      flows: plan.stages.indices.map { stage in
        gradients.map { flow(stage, $0) }
      },
      silences: firing.map {
        AuditReport.Silence(
          network.trainedStage($0), isFirst: plan.sources(of: $0).contains(nil),
          probe.activity(of: $0),
          hasGradient: gradients[recipeRule].hasGradient[$0])
      })
  }

  private func check(_ settings: AuditSettings) throws(CounterspikeError) {
    try settings.validate()
    for rule in rules {
      try rule.gradient.validate()
      try rule.gradient.requireNeurons(of: network.plan, respectsLayers: rule.respectsLayers)
    }
    guard source.shape.suffix(3) == network.plan.inputShape[...],
      source.classCount == network.plan.classCount, source.count > 0
    else {
      throw CounterspikeError(
        .mismatch,
        "there are \(source.count) samples of shape \(source.shape) in \(source.classCount) classes, "
          + "and the network takes \(network.plan.inputShape) and has \(network.plan.classCount) "
          + "classes; choose the data it was trained on", remedy: .nameDataFolder)
    }
    guard !settings.isExhaustive || network.plan.timeSteps <= AuditSettings.largestExhaustive
    else {
      throw CounterspikeError(
        .invalidRecipe,
        "network.timeSteps is \(network.plan.timeSteps), and all spike trains are tried up to "
          + "\(AuditSettings.largestExhaustive) steps; flip single spikes instead")
    }
    if settings.isExhaustive,
      let layer = network.plan.stages.first(where: { $0.neuron.model != .leaky })
    {
      throw CounterspikeError(
        .invalidRecipe,
        "\(layer.name) is of the neuron \(layer.neuron.model.rawValue), which no train can be forced on; flip "
          + "single spikes instead")
    }
    if settings.isExhaustive,
      let layer = network.plan.stages.first(where: { $0.neuronKind == .recurrent })
    {
      throw CounterspikeError(
        .invalidRecipe,
        "\(layer.name) is recurrent, so that its trains depend on each other; flip single spikes instead"
      )
    }
  }

  // MARK: Agreement

  private func layer(
    _ stage: Int, _ flips: [AuditFlip], _ truths: [Double],
    _ gradients: [NetworkProbe.RuleGradient], _ settings: AuditSettings
  ) -> AuditReport.Layer {
    let plan = network.trainedStage(stage)
    let predictions = zip(rules, gradients).map { rule, gradient in
      let predict = AuditPrediction(
        gradient: rule.respectsLayers ? rule.gradient.settings(of: plan) : rule.gradient,
        synapticDecay: (0..<plan.neuronShape[0]).map {
          network.neuron(ofStage: stage, channel: $0).synapticDecay
        },
        isKernelLossOutput: stage == network.plan.stages.count - 1 && recipe.loss.isPlainKernel)
      return zip(flips, gradient.neurons[stage]).map {
        predict($0, deltas: $1.deltas, gradient: $1.gradient)
      }
    }
    let statistics = AuditStatistics(resamples: settings.resamples, seed: settings.seed)
    var group = stage << 8
    func agreements(_ members: [Int]) -> [AuditReport.Agreement] {
      group += 1
      return statistics.agreements(
        predictions: predictions, truths: truths, members: members, group: group)
    }
    func groups(_ names: [String], _ number: (AuditFlip) -> Int) -> [AuditReport.Group] {
      var members = names.map { _ in [Int]() }
      for (index, flip) in flips.enumerated() { members[number(flip)].append(index) }
      return zip(names, members).compactMap { name, members in
        members.isEmpty ? nil : AuditReport.Group(name: name, agreements: agreements(members))
      }
    }
    let all = agreements(Array(flips.indices))
    let threshold = Double(plan.neuron.threshold)
    let byDistance = groups(["below 0.1", "0.1 to 0.3", "0.3 to 1", "above 1"]) { flip in
      let distance = flip.distance / threshold
      return distance < 0.1 ? 0 : distance < 0.3 ? 1 : distance < 1 ? 2 : 3
    }
    let steps = network.plan.timeSteps
    let width = (steps + 9) / 10
    let byStep = groups(
      stride(from: 0, to: steps, by: width).map {
        width == 1 ? "\($0 + 1)" : "\($0 + 1) to \(min($0 + width, steps))"
      }
    ) { $0.step / width }
    return AuditReport.Layer(
      name: plan.name,
      effective: Double(truths.count { $0 != 0 }) / Double(max(truths.count, 1)),
      size: (truths.reduce(0) { $0 + $1 * $1 } / Double(max(truths.count, 1))).squareRoot(),
      agreements: all, byDistance: byDistance, byStep: byStep,
      points: truths.indices.prefix(4000).map { index in
        AuditReport.Point(truth: truths[index], predictions: predictions.map { $0[index] })
      })
  }

  // MARK: Flow

  private func flow(_ stage: Int, _ gradient: NetworkProbe.RuleGradient) -> AuditReport.Flow {
    let plan = network.plan.stages[stage]
    // Neurons that nothing sees have no gradient by design.
    let blind = plan.neuronCount - plan.activeNeuronCount
    let without = gradient.hasGradient[stage].count { !$0 } - blind
    return AuditReport.Flow(
      weightNorm: plan.parameters.reduce(0) { $0 + AuditWeights.square(gradient.weights[$1]) }
        .squareRoot(),
      deltaNorm: gradient.squaredDeltas[stage].squareRoot(),
      without: Double(max(without, 0)) / Double(plan.activeNeuronCount))
  }
}

extension GradientSettings {
  /// Whether the settings that the rules take into account are equal.
  func acts(like other: GradientSettings) -> Bool {
    guard rule == other.rule, deltaScaling == other.deltaScaling else { return false }
    switch rule {
    case .neighborhood: return neighborhood == other.neighborhood
    case .surrogate: return surrogate == other.surrogate
    case .slayer: return slayer == other.slayer
    case .tsslbp: return true
    case .registered: return ruleSettings == other.ruleSettings
    }
  }
}
