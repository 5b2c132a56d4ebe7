import Counterspike

@testable import CounterspikeRecipe

extension SeededGenerator {
  /// A number whose logarithm is evenly spread.
  mutating func number(from low: Float, to high: Float) -> Float {
    // Halving and doubling instead of a logarithm: exact, and the same on every system.
    var value = Float.random(in: 1..<2, using: &self)
    for _ in 0..<Int.random(in: 0..<40, using: &self) {
      value *= Bool.random(using: &self) ? 2 : 0.5
    }
    return min(max(value, low), high)
  }

  mutating func optional<Value>(_ value: Value) -> Value? {
    Bool.random(using: &self) ? value : nil
  }

  mutating func choice<Value: CaseIterable>(_ type: Value.Type, or value: Value) -> Value {
    type.allCases.randomElement(using: &self) ?? value
  }

  mutating func name() -> String {
    let letters = Array("abcXYZ0123456789._-")
    let first = ["a", "Z", "0", "1", "null", "1e", "0x", "true", "2021-01-0"]
    let length = Int.random(in: 0...6, using: &self)
    let rest = (0..<length).map { _ in letters[Int.random(in: 0..<letters.count, using: &self)] }
    return (first.randomElement(using: &self) ?? "a") + String(rest)
  }
}

extension Recipe {
  /// A valid recipe that differs from the defaults in most settings.
  static func random(using random: inout SeededGenerator) -> Recipe {
    var recipe = Recipe()
    recipe.name = random.name()
    recipe.seed = random.next()
    recipe.data.set = random.name()
    let classes = ["cat", "1", "", "null", "été, #2", "a: b\n"]
    recipe.data.classes = random.optional(
      Array(classes.shuffled(using: &random).prefix(Int.random(in: 1...6, using: &random))))
    recipe.data.mean = random.optional([-Double(random.number(from: 1e-9, to: 1e9))])
    recipe.data.standardDeviation = random.optional(
      (0..<Int.random(in: 1...3, using: &random)).map { _ in
        Double(random.number(from: 1e-9, to: 1e9)) / 3
      })
    recipe.data.trainingLimit = random.optional(Int.random(in: 1...Int.max, using: &random))
    recipe.data.testLimit = random.optional(Int.random(in: 1...9, using: &random))
    recipe.data.augmentation.cropPadding = Int.random(in: 0...9, using: &random)
    recipe.data.augmentation.flip = Bool.random(using: &random)
    recipe.data.augmentation.rotation = Float.random(in: 0...180, using: &random)
    recipe.data.events = EventSettings.random(using: &random)

    recipe.network.layers = (0..<Int.random(in: 0...6, using: &random)).map { _ in
      LayerSettings.random(using: &random)
    }
    recipe.network.layers.append(.dense(Int.random(in: 1...500, using: &random)))
    recipe.network.timeSteps = Int.random(in: 1...100, using: &random)
    recipe.network.neuron = NeuronSettings(
      membraneTimeConstant: random.number(from: 1.5, to: 1e6),
      synapticTimeConstant: random.number(from: 1.5, to: 1e6),
      threshold: random.number(from: 1e-9, to: 1e9))
    recipe.network.poolingFactor = random.number(from: 1e-9, to: 1e9)
    recipe.network.weightScale = random.number(from: 1e-9, to: 1e9)
    recipe.network.precision = random.choice(NetworkSettings.Precision.self, or: .bfloat16)

    recipe.gradient.rule = random.choice(GradientSettings.Rule.self, or: .surrogate)
    recipe.gradient.neighborhood.error = random.choice(
      NeighborhoodSettings.ErrorForm.self, or: .exact)
    recipe.gradient.neighborhood.distance = random.choice(
      NeighborhoodSettings.Distance.self, or: .gaussian)
    recipe.gradient.neighborhood.power = Bool.random(using: &random) ? 1 : 3
    recipe.gradient.neighborhood.clamp = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.neighborhood.width = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.neighborhood.neighbors = random.choice(
      NeighborhoodSettings.Neighbors.self, or: .flips)
    recipe.gradient.neighborhood.samples = Int.random(in: 1...999, using: &random)
    recipe.gradient.neighborhood.deviation = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.neighborhood.seed = random.next()
    recipe.gradient.neighborhood.ridge = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.neighborhood.outputDifference = random.choice(
      NeighborhoodSettings.OutputDifference.self, or: .exact)
    recipe.gradient.surrogate.shape = random.choice(SurrogateSettings.Shape.self, or: .triangle)
    recipe.gradient.deltaScaling = random.choice(GradientSettings.DeltaScaling.self, or: .none)
    recipe.gradient.slayer.alpha = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.slayer.beta = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.surrogate.width = random.number(from: 1e-9, to: 1e9)
    recipe.gradient.surrogate.resetGradient = Bool.random(using: &random)

    recipe.loss = LossSettings.random(
      timeSteps: recipe.network.timeSteps, classes: recipe.network.layers.last?.size ?? 0,
      using: &random)

    recipe.optimizer.kind = random.choice(OptimizerSettings.Kind.self, or: .sgd)
    recipe.optimizer.learningRate = random.number(from: 1e-9, to: 1e9)
    recipe.optimizer.beta1 = Float.random(in: 0..<1, using: &random)
    recipe.optimizer.beta2 = Float.random(in: 0..<1, using: &random)
    recipe.optimizer.epsilon = random.number(from: 1e-12, to: 1)
    recipe.optimizer.momentum = Float.random(in: 0..<1, using: &random)
    recipe.optimizer.weightDecay = random.number(from: 1e-9, to: 1)
    recipe.optimizer.clipping = random.choice(OptimizerSettings.Clipping.self, or: .global)
    recipe.optimizer.clippingNorm = random.number(from: 1e-9, to: 1e9)
    recipe.optimizer.weightClamp = random.optional(random.number(from: 1e-9, to: 1e9))

    recipe.schedule.kind = random.choice(ScheduleSettings.Kind.self, or: .constant)
    recipe.schedule.decay = Float.random(in: 0...1, using: &random)
    recipe.schedule.finalFraction = Float.random(in: 0...1, using: &random)
    recipe.schedule.warmUpEpochs = Float.random(in: 0...5, using: &random)

    recipe.training.epochs = Int.random(in: 1...500, using: &random)
    recipe.training.batchSize = Int.random(in: 1...500, using: &random)
    recipe.training.microBatchSize = random.optional(
      Int.random(in: 1...recipe.training.batchSize, using: &random))
    recipe.training.checkpointInterval = Int.random(in: 0...Int.max, using: &random)
    recipe.training.modelSelection = random.choice(TrainingSettings.ModelSelection.self, or: .last)
    recipe.training.patience = random.optional(Int.random(in: 1...99, using: &random))
    recipe.training.keep = Int.random(in: 0...9, using: &random)
    recipe.training.frozen = random.optional(["conv_1", "dense_1"])
    recipe.training.weightBits = random.optional(Int.random(in: 2...8, using: &random))
    recipe.training.weightScale = random.choice(QuantizationSettings.Scale.self, or: .layer)
    return recipe
  }
}

extension LossSettings {
  static func random(
    timeSteps: Int, classes: Int, using random: inout SeededGenerator
  ) -> LossSettings {
    let isRegression = Int.random(in: 0..<6, using: &random) == 0
    let terms = (0..<Int.random(in: 1...3, using: &random)).map { _ in
      let kinds = isRegression ? [.squaredError] : Kind.ofClasses
      let loss = Loss.random(
        kinds.randomElement(using: &random) ?? .count, timeSteps: timeSteps, using: &random)
      let classWeights: [ClassWeights] = [
        .equal, .balanced,
        .list((0..<classes).map { Double($0 + 1) / 3 }),
      ]
      return Term(
        loss, weight: random.number(from: 1e-9, to: 1e9),
        classWeights: isRegression
          ? .equal : classWeights.randomElement(using: &random) ?? .balanced)
    }
    return LossSettings(
      terms,
      rates: random.optional(
        RatePenalty(
          lowest: Float.random(in: 0...0.5, using: &random),
          highest: Float.random(in: 0.5...1, using: &random),
          weight: random.number(from: 1e-9, to: 1e9))))
  }
}

extension Loss {
  static func random(
    _ kind: LossSettings.Kind, timeSteps: Int, using random: inout SeededGenerator
  ) -> Loss {
    switch kind {
    case .kernel: .kernel(random.choice(LossSettings.TargetFilter.self, or: .once))
    case .count:
      .count(
        desired: random.optional(Int.random(in: 0...timeSteps, using: &random)),
        undesired: Int.random(in: 0...timeSteps, using: &random))
    case .softmax:
      .softmax(
        random.choice(Reduction.self, or: .last),
        labelSmoothing: Float.random(in: 0..<1, using: &random))
    case .rate:
      .rate(
        desired: Float.random(in: 0...1, using: &random),
        undesired: Float.random(in: 0...1, using: &random))
    case .latency: .latency(timeScale: random.number(from: 1e-9, to: 1e9))
    case .squaredError: .squaredError(random.choice(Reduction.self, or: .last))
    case .registered(let name): .registered(RegisteredPiece(loss: name))
    }
  }
}

extension LayerSettings {
  /// A valid layer; about half of them have settings that the papers' notation cannot express.
  static func random(using random: inout SeededGenerator) -> LayerSettings {
    var layer = LayerSettings(random.choice(Kind.self, or: .dense))
    switch layer.kind {
    case .convolution:
      layer.size = Int.random(in: 1...500, using: &random)
      layer.kernel = Int.random(in: 1...7, using: &random)
      layer.stride = Int.random(in: 1...3, using: &random)
      layer.padding = Int.random(in: 0...3, using: &random)
    case .dense, .readout: layer.size = Int.random(in: 1...5000, using: &random)
    case .recurrent:
      layer.size = Int.random(in: 1...5000, using: &random)
      // Whatever the recipe's rule, this one is defined for them.
      layer.gradient = GradientSettings()
      layer.reset = .zero
    case .pooling: layer.kernel = Int.random(in: 1...4, using: &random)
    case .delay: layer.steps = random.number(from: 0.1, to: 0.9)
    case .dropout: layer.probability = Float.random(in: 0..<1, using: &random)
    case .residual:
      layer.layers = (0..<Int.random(in: 1...3, using: &random)).map { _ in
        LayerSettings.random(using: &random)
      }
    // None is registered in this process.
    case .registered: break
    }
    guard Int.random(in: 0..<6, using: &random) == 0 else { return layer }
    switch layer.kind {
    case .convolution, .dense:
      layer.membraneTimeConstant = random.optional(random.number(from: 1.5, to: 1e6))
      layer.synapticTimeConstant = random.optional(random.number(from: 1.5, to: 1e6))
      layer.threshold = random.optional(random.number(from: 1e-9, to: 1e9))
      layer.weightScale = random.optional(random.number(from: 1e-9, to: 1e9))
      layer.name = random.optional("a-\(Int.random(in: 0..<99, using: &random))")
      layer.inputs = random.optional(["conv_1", "b"])
      layer.bias = random.optional(Bool.random(using: &random))
      layer.normalization = random.optional(Bool.random(using: &random))
      if Bool.random(using: &random) {
        var gradient = GradientSettings()
        gradient.rule = random.choice(GradientSettings.Rule.self, or: .slayer)
        gradient.surrogate.width = random.number(from: 1e-9, to: 1e9)
        layer.gradient = gradient
        if gradient.rule == .neighborhood || gradient.rule == .surrogate {
          layer.reset = random.optional(random.choice(NeuronSettings.Reset.self, or: .none))
          layer.adaptation = random.optional(
            AdaptationSettings(
              strength: random.number(from: 1e-9, to: 1e9),
              timeConstant: random.number(from: 1, to: 1e6)))
        }
      }
    case .delay:
      layer.start = random.choice(DelayStart.self, or: .equal)
      layer.learned = Bool.random(using: &random)
    case .recurrent, .readout:
      layer.membraneTimeConstant = random.optional(random.number(from: 1.5, to: 1e6))
      layer.weightScale = random.optional(random.number(from: 1e-9, to: 1e9))
      layer.bias = random.optional(Bool.random(using: &random))
    case .pooling:
      layer.factor = random.number(from: 1e-9, to: 1e9)
      layer.by = random.choice(NetworkPlan.Pooling.Kind.self, or: .sum)
      layer.global = Bool.random(using: &random)
      if layer.global { layer.kernel = 0 }
    case .dropout: layer.probability = random.number(from: 1e-9, to: 0.5)
    case .residual:
      layer.shortcut = random.choice(Shortcut.self, or: .identity)
      layer.join = random.choice(Join.self, or: .psc)
    case .registered: break
    }
    return layer
  }
}

extension EventSettings {
  static func random(using random: inout SeededGenerator) -> EventSettings {
    var events = EventSettings()
    events.sensor = random.optional(
      SensorSize(
        width: Int.random(in: 1...65536, using: &random),
        height: Int.random(in: 1...65536, using: &random)))
    events.slicing = random.choice(Slicing.self, or: .timeBins)
    events.timeWindow = Int.random(in: 1...1_000_000_000, using: &random)
    events.eventCount = Int.random(in: 1...1_000_000_000, using: &random)
    events.polarity = random.choice(Polarity.self, or: .merged)
    events.values = random.choice(Values.self, or: .counts)
    events.centerCrop = random.optional(Int.random(in: 1...65536, using: &random))
    events.downsampling = Int.random(in: 1...65536, using: &random)
    events.denoise = random.optional(Int.random(in: 1...1_000_000_000, using: &random))
    events.augmentation.shift = Int.random(in: 0...1000, using: &random)
    events.augmentation.flip = Bool.random(using: &random)
    events.augmentation.timeJitter = Float.random(in: 0...1000, using: &random)
    events.augmentation.drop = Float.random(in: 0..<1, using: &random)
    return events
  }
}
