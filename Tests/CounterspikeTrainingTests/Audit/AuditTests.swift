import Counterspike
import Testing

@testable import CounterspikeStudy

@Suite("Audit")
struct AuditTests {
  static let source = TensorSource(
    samples: Tensor(
      shape: [8, 1, 8, 8], scalars: (0..<512).map { Float(($0 * 7919) % 113) / 40 - 1.2 }),
    labels: (0..<8).map { $0 % 3 }, classCount: 3)

  static func audit(
    workers: Int = 1, rules: [AuditRule]? = nil, neuron: String = "{}"
  ) throws -> Audit {
    let recipe = try Recipe(
      yaml: """
        name: tiny
        network: {layers: 4C3-P2-10-3, timeSteps: 5, weightScale: 2, neuron: \(neuron)}
        loss: {targetFilter: once}
        """, source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 8, 8], seed: 2)
    return Audit(
      recipe: recipe, network: network, source: source, rules: rules, workers: workers)
  }

  static var settings: AuditSettings {
    var settings = AuditSettings()
    settings.samples = 6
    settings.flips = 150
    settings.perturbations = 20
    settings.resamples = 40
    return settings
  }

  @Test("the same seed gives the same report, whatever the number of threads")
  func repeats() throws {
    let first = try Self.audit(workers: 1).run(Self.settings)
    let second = try Self.audit(workers: 3).run(Self.settings)
    #expect(first == second)
    #expect(first.json == second.json)
    var other = Self.settings
    other.seed = 2
    #expect(try Self.audit().run(other) != first)
  }

  static let neurons = [
    "{}", "{synapticTimeConstant: 1}", "{reset: subtraction}", "{reset: none}",
    "{adaptation: {strength: 0.7, timeConstant: 4}}",
    "{reset: subtraction, synapticTimeConstant: 1, adaptation: {strength: 0.7, timeConstant: 4}}",
  ]

  @Test(
    "at the output the exact difference is the truth, the first order lies below it",
    arguments: neurons)
  func outputRelation(neuron: String) throws {
    let rules = AuditRule.all.filter { ["na-gaussian", "na-square"].contains($0.name) }
    var exhaustive = Self.settings
    exhaustive.isExhaustive = true
    for settings in [Self.settings, exhaustive] {
      let audit = try Self.audit(rules: rules, neuron: neuron)
      let report = try audit.run(settings)
      let output = try #require(report.layers.last)
      let square = try #require(audit.rules.firstIndex { $0.name == "na-square" })
      let linear = try #require(audit.rules.firstIndex { $0.name == "na-gaussian" })
      #expect(output.points.count >= 100)
      for point in output.points {
        #expect(abs(point.predictions[square] - point.truth) < 1e-5)
        // L is a parabola: its tangent never lies above it.
        #expect(point.predictions[linear] <= point.truth + 1e-5)
      }
      let agreement = output.agreements[square]
      #expect(abs((agreement.correlation?.value ?? 0) - 1) < 1e-6)
      #expect(abs((agreement.scale?.value ?? 0) - 1) < 1e-5)
    }
  }

  @Test("rules that are not defined for the neurons are left out, and refused where they are named")
  func uncoveredRules() throws {
    let audit = try Self.audit(neuron: "{reset: subtraction}")
    #expect(audit.rules.map(\.name).contains("slayer"))
    #expect(!audit.rules.map(\.name).contains("tssl-bp"))
    let rules = AuditRule.all.filter { $0.name == "tssl-bp" }
    let error = #expect(throws: CounterspikeError.self) {
      try Self.audit(rules: rules, neuron: "{reset: subtraction}").run(Self.settings)
    }
    #expect(error?.message.contains("conv_1: the rule tsslbp is not defined") == true)
  }

  @Test("a flip is among all trains, with the same perturbation", arguments: neurons)
  func flipIsTrain(neuron: String) throws {
    let audit = try Self.audit(neuron: neuron)
    let probe = try NetworkProbe(
      network: audit.network, source: Self.source, indices: [0, 1, 2], loss: audit.recipe.loss,
      workers: 1)
    for stage in 0..<3 {
      var sampler = AuditFlipSampler(probe, stage: stage, seed: 3)
      for flip in sampler.flips(20) {
        let bits = flip.change.spikes.enumerated().reduce(0) { $0 | Int($1.1) << $1.0 }
        let train = try #require(sampler.train(flip.change.neuron, bits: bits))
        #expect(train.step == flip.step)
        for (a, b) in zip(train.perturbation, flip.perturbation) { #expect(abs(a - b) < 1e-5) }
      }
    }
  }

  @Test("all trains of a neuron are tried once")
  func trains() throws {
    let audit = try Self.audit()
    let probe = try NetworkProbe(
      network: audit.network, source: Self.source, indices: [0], loss: audit.recipe.loss,
      workers: 1)
    var sampler = AuditFlipSampler(probe, stage: 1, seed: 3)
    let trains = sampler.trains(31)
    #expect(trains.count == 31)
    #expect(Set(trains.map(\.change.spikes)).count == 31)
  }

  @Test("the recipe's rule is marked, and added where it is none of the list")
  func recipeRule() throws {
    let standard = try Self.audit()
    #expect(standard.rules[standard.recipeRule].name == "na-paper")
    let one = try Self.audit(rules: AuditRule.all.filter { $0.name == "sigmoid" })
    #expect(one.rules.map(\.name) == ["recipe", "sigmoid"] && one.recipeRule == 0)
  }

  @Test("descent begins at the loss, and steps too short for the weights stay there")
  func descent() throws {
    var settings = Self.settings
    settings.stepLengths = [1e-300, 0.01]
    let report = try Self.audit().run(settings)
    #expect(report.descents.map(\.scope) == ["conv_1", "dense_1", "output", "all"])
    for descent in report.descents {
      for losses in descent.losses { #expect(abs(losses[0] - report.loss) < 1e-12) }
    }
    for cosines in report.cosines {
      for rule in report.rules.indices {
        if let own = cosines.between[rule][rule] { #expect(abs(own - 1) < 1e-6) }
      }
    }
  }

  @Test("silent neurons are counted with their reason")
  func silence() throws {
    let recipe = try Recipe(
      yaml: """
        network: {layers: [{kind: dense, size: 6, threshold: 1000}, 4, 3], timeSteps: 5}
        """, source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 8, 8], seed: 2)
    let report = try Audit(recipe: recipe, network: network, source: Self.source)
      .run(Self.settings)
    #expect(report.silences[0].silent == 6 && report.silences[0].farFromThreshold == 6)
    #expect(report.silences[1].silent == 4 && report.silences[1].withoutCurrent == 4)
    #expect(report.silences.allSatisfy { $0.suggestion != nil })
  }

  @Test("too many time steps for all trains are refused with the remedy")
  func refused() throws {
    let recipe = try Recipe(
      yaml: "network: {layers: 4-3, timeSteps: 11}", source: "test.yaml")
    let network = try Network(recipe.network, inputShape: [1, 8, 8])
    var settings = Self.settings
    settings.isExhaustive = true
    #expect {
      try Audit(recipe: recipe, network: network, source: Self.source).run(settings)
    } throws: { "\($0)".contains("flip single spikes instead") && !"\($0)".contains("--") }
  }
}

@Suite("Single-neuron experiment")
struct SingleNeuronExperimentTests {
  @Test("every rule learns, the same way every time")
  func learns() throws {
    var experiment = SingleNeuronExperiment()
    experiment.rounds = 8
    experiment.updates = 40
    experiment.rules = experiment.rules.filter {
      ["na-paper", "na-square", "sigmoid"].contains($0.name)
    }
    experiment.learningRates = [0.01, 0.03]
    let curves = try experiment.run()
    #expect(try curves == experiment.run())
    #expect(curves.count == experiment.rules.count)
    for curve in curves {
      #expect(curve.losses.count == 41)
      #expect((curve.losses.last ?? 1) < 0.8 * curve.losses[0], "\(curve.rule.name)")
      #expect(curve.losses.last == curve.finalLosses.min())
      #expect(curve.losses[0] == curves[0].losses[0])
    }
  }

  @Test("settings that make no experiment are refused")
  func refused() {
    let changes: [(inout SingleNeuronExperiment) -> Void] = [
      { $0.rounds = 0 }, { $0.rounds = -1 }, { $0.updates = 0 }, { $0.inputs = 0 },
      { $0.timeSteps = 0 }, { $0.timeSteps = .max }, { $0.learningRates = [] },
      { $0.learningRates = [.nan] }, { $0.inputRate = 2 }, { $0.targetRate = .nan },
      { $0.neuron.membraneTimeConstant = 0 },
    ]
    for change in changes {
      var experiment = SingleNeuronExperiment()
      change(&experiment)
      #expect {
        try experiment.run()
      } throws: { ($0 as? CounterspikeError)?.code == .invalidRecipe }
    }
  }
}
