import Counterspike
import Foundation
import Testing

@testable import CounterspikeReport

@Suite("A sweep's plan")
struct SweepPlanTests {
  private func recipe(epochs: Int = 9, validation: Float = 0.1) throws -> Recipe {
    var recipe = try SmallTraining.recipe(epochs: epochs)
    recipe.data.validation = validation
    return recipe
  }

  @Test(
    "axes are lists, ranges of integers, or ranges to draw from",
    arguments: [
      ("seed=1..3", SweepAxis.Values.listed(["1", "2", "3"])),
      ("optimizer.learningRate=1e-4,5e-4", .listed(["1e-4", "5e-4"])),
      ("a.b={x: 1, y: [1, 2]}, 'c,d'", .listed(["{x: 1, y: [1, 2]}", "'c,d'"])),
      ("seed=-1..0", .listed(["-1", "0"])),
      ("optimizer.learningRate=1e-4..1e-2:log", .drawn(1e-4...1e-2, isLogarithmic: true)),
      ("data.validation=0..0.5:linear", .drawn(0...0.5, isLogarithmic: false)),
    ])
  func axes(text: String, values: SweepAxis.Values) throws {
    #expect(try SweepAxis(text).values == values)
  }

  @Test(
    "axes that mean nothing are refused",
    arguments: [
      "seed", "seed=", "=1", "seed=3..1", "seed=1..99999", "seed=1,,2", "seed=1,1", "a=0..1:log",
      "a=2..1:linear", "a=1:log", "a=1..nan:linear",
      "seed=-9223372036854775808..9223372036854775807",
    ])
  func refusedAxes(text: String) {
    let error = #expect(throws: CounterspikeError.self) { try SweepAxis(text) }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.contains("\n") == false)
  }

  @Test("all combinations are run, each with the recipe that the settings make")
  func grid() throws {
    let plan = try SweepPlan(
      recipe(), axes: [SweepAxis("optimizer.learningRate=1e-4,5e-4"), SweepAxis("seed=1..5")])
    #expect(plan.runs.map(\.name) == ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"])
    #expect(plan.runs[6].settings == ["optimizer.learningRate=5e-4", "seed=2"])
    var wanted = try recipe()
    wanted.optimizer.learningRate = 5e-4
    wanted.seed = 2
    #expect(plan.runs[6].recipe == wanted)
    #expect(plan.groups.map(\.count) == [5, 5])
    #expect(plan.rungs == [9])
  }

  @Test("drawn settings lie in their ranges, are the same always, and are run with every seed")
  func drawn() throws {
    let axes = try [
      SweepAxis("optimizer.learningRate=1e-4..1e-2:log"), SweepAxis("seed=1,2"),
      SweepAxis("training.batchSize=8,16"),
    ]
    let plan = try SweepPlan(recipe(), axes: axes, drawnCount: 200)
    #expect(plan.runs.count == 400 && plan.groups.count == 200)
    #expect(try SweepPlan(recipe(), axes: axes, drawnCount: 200) == plan)
    let rates = plan.groups.map { Double($0[0].recipe.optimizer.learningRate) }
    #expect(rates.allSatisfy { (0.999e-4...1.001e-2).contains($0) })
    // As many below the middle of the logarithms as above, within five standard deviations.
    #expect(abs(rates.count { $0 < 1e-3 } - 100) < 36)
    #expect(Set(plan.groups.map { $0[0].recipe.training.batchSize }) == [8, 16])
    // There are but two settings to draw.
    let few = try SweepPlan(
      recipe(), axes: [SweepAxis("training.batchSize=8,16")], drawnCount: 5)
    #expect(few.runs.count == 2)
  }

  @Test("the generator has the published sequence of SplitMix64")
  func generator() {
    var random = SplitMix(state: 1_234_567)
    #expect(random.next() == 6_457_827_717_110_365_317)
    #expect(random.next() == 3_203_168_211_198_807_973)
    #expect(random.next() == 9_817_491_932_198_370_423)
  }

  @Test("what cannot be run is refused before anything is trained")
  func refused() throws {
    let recipe = try recipe()
    func refuse(_ axes: [String], halving: Bool = false, _ recipe: Recipe, _ part: String) {
      let error = #expect(throws: CounterspikeError.self) {
        try SweepPlan(recipe, axes: axes.map { try SweepAxis($0) }, isHalving: halving)
      }
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    refuse(["seed=1..2", "seed=3"], recipe, "two axes vary “seed”")
    refuse(["name=a,b"], recipe, "a name changes no result")
    refuse(["training.epochs=1,2"], halving: true, recipe, "do not vary training.epochs")
    refuse(["optimizer.learningRate=1e-4..1e-2:log"], recipe, "list its values")
    refuse(["optimizer.learningRat=1,2"], recipe, "did you mean")
    refuse(["seed=1..101", "training.batchSize=1..100"], recipe, "1 to 10000 runs")
    refuse(
      ["seed=1..3"], halving: true, try self.recipe(validation: 0), "data.validation, as 0.1")
  }

  @Test("of nine settings over nine epochs, three go on after one and one after three")
  func rungs() throws {
    let axes = try [SweepAxis("training.batchSize=1..9"), SweepAxis("seed=1,2")]
    let plan = try SweepPlan(recipe(), axes: axes, isHalving: true)
    #expect(plan.rungs == [1, 3, 9])
    #expect(try SweepPlan(recipe(epochs: 2), axes: axes, isHalving: true).rungs == [1, 2])
    #expect(try SweepPlan(recipe(epochs: 1), axes: axes, isHalving: true).rungs == [1])
    #expect(SweepPlan.survivors(of: 9) == 3 && SweepPlan.survivors(of: 2) == 1)
  }

  @Test(
    "halving goes on with the best by validation, of equals the earlier, and leaves out what failed"
  )
  func progress() throws {
    let folder = try TemporaryFolder()
    let plan = try SweepPlan(
      recipe(epochs: 3), axes: [SweepAxis("training.batchSize=1..4"), SweepAxis("seed=1,2")],
      isHalving: true)
    #expect(plan.rungs == [1, 3])
    func summaries(_ accuracies: [String: [Double]]) throws -> [String: RunSummary] {
      try accuracies.mapValues { values in
        let path = folder.file(UUID().uuidString)
        try FileManager.default.createDirectory(
          atPath: path + "/checkpoints", withIntermediateDirectories: true)
        let lines = values.enumerated().map {
          "{\"epoch\":\($0 + 1),\"validationAccuracy\":\($1)}\n"
        }
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path + "/metrics.jsonl"))
        try SafeTensorsFile(tensors: [:], metadata: ["epoch": "\(values.count)"]).write(
          to: path + "/checkpoints/last.safetensors")
        return RunSummary(path)
      }
    }
    var done: [String: [Double]] = ["1": [0.5], "2": [0.7], "3": [0.6], "4": [0.6], "5": [0.9]]
    let first = SweepProgress(plan, summaries: try summaries(done), failures: [:])
    #expect(first.pending.map(\.name) == ["6", "7", "8"] && first.epochs == 1)

    done.merge(["6": [0.1], "7": [0.9], "8": [0.9]]) { $1 }
    let second = SweepProgress(plan, summaries: try summaries(done), failures: ["7": "diverged"])
    // The first two settings have a mean of 0.6, the third one of 0.5; the fourth has failed. One of
    // three, rounded up, is two of four.
    #expect(second.pending.map(\.name) == ["1", "2", "3", "4"] && second.epochs == 3)

    done.merge([
      "1": [0.5, 0.1, 0.1], "2": [0.7, 0.1, 0.2], "3": [0.6, 0.8, 0.7], "4": [0.6, 0.7, 0.9],
    ]) {
      $1
    }
    let last = SweepProgress(plan, summaries: try summaries(done), failures: ["7": "diverged"])
    #expect(last.pending.isEmpty)
    #expect(last.groups.map { $0.runs[0].name } == ["3", "1", "5", "7"])
    #expect(last.groups.map(\.epochs) == [3, 3, 1, 1])
    #expect(last.groups[0].result.mean.map { abs($0 - 0.85) < 1e-12 } == true)
    #expect(last.groups[3].failure == "diverged" && last.groups[3].result.mean == nil)
  }

  @Test("a sweep's folder gives its plan again, and is held")
  func folder() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("sweep")
    let plan = try SweepPlan(
      recipe(), axes: [SweepAxis("optimizer.kind='sgd',adamW"), SweepAxis("seed=1..2")],
      drawnCount: 2, isHalving: true)
    do {
      let made = try SweepFolder(creating: path, for: plan)
      #expect(throws: CounterspikeError.self) { try SweepFolder(resuming: path) }
      try made.note(failureOf: plan.runs[1], "the loss is no longer finite")
    }
    do {
      let again = try SweepFolder(resuming: path)
      #expect(again.plan == plan)
      #expect(again.failures == [plan.runs[1].name: "the loss is no longer finite"])
    }
    #expect(throws: CounterspikeError.self) { try SweepFolder(creating: path, for: plan) }
    for text in [
      "", "over: 3", "over: [seed=1]\nrandom: x", "over: [[1]]", "{", "over: [seed=1]\nhalving: 2",
    ] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/sweep.yaml"))
      let error = #expect(throws: CounterspikeError.self) { try SweepFolder(resuming: path) }
      #expect(error?.message.contains("\n") == false)
    }
  }
}
