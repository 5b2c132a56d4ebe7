import Benchmark
import Counterspike
import CounterspikeStudy
import CounterspikeTraining

/// Whole training steps and evaluations.
let benchmarks: @Sendable () -> Void = {
  let steps = Benchmark.Configuration(
    metrics: [.wallClock, .cpuTotal, .peakMemoryResident], warmupIterations: 3,
    maxDuration: .seconds(2), maxIterations: 200)

  let rules: [GradientSettings.Rule] = [.neighborhood, .surrogate, .tsslbp]
  for timeSteps in [5, 10, 20, 30] {
    for rule in rules {
      for workers in [1, 2] {
        Benchmark(
          "step, paper network, T=\(timeSteps), \(rule.rawValue), \(workers) threads",
          configuration: steps
        ) { (benchmark, training: StepBenchmark) in
          for _ in benchmark.scaledIterations { try training.step() }
        } setup: {
          var recipe = Recipe()
          recipe.network.timeSteps = timeSteps
          recipe.gradient.rule = rule
          return try StepBenchmark(recipe, sampleShape: [1, 28, 28], workers: workers)
        }
      }
    }
    Benchmark(
      "evaluation of 256 samples, paper network, T=\(timeSteps), 2 threads",
      configuration: steps
    ) { (benchmark, training: StepBenchmark) in
      for _ in benchmark.scaledIterations { try training.evaluate() }
    } setup: {
      var recipe = Recipe()
      recipe.network.timeSteps = timeSteps
      return try StepBenchmark(recipe, sampleShape: [1, 28, 28], workers: 2)
    }
  }

  // T = 200 against 20, for layers that never fire, some that do, and some that always do.
  for activity in StepBenchmark.Activity.allCases {
    for timeSteps in [20, 200] {
      Benchmark(
        "step, paper network, T=\(timeSteps), \(activity.rawValue), 1 threads",
        configuration: steps
      ) { (benchmark, training: StepBenchmark) in
        for _ in benchmark.scaledIterations { try training.step() }
      } setup: {
        var recipe = Recipe()
        recipe.network.timeSteps = timeSteps
        return try StepBenchmark(
          recipe, sampleShape: [1, 28, 28], activity: activity, workers: 1)
      }
    }
  }

  Benchmark(
    "step, CIFAR network, T=5, batch 50, 2 threads",
    configuration: .init(
      metrics: [.wallClock, .cpuTotal, .peakMemoryResident], warmupIterations: 1,
      maxDuration: .seconds(20), maxIterations: 5)
  ) { (benchmark, training: StepBenchmark) in
    for _ in benchmark.scaledIterations { try training.step() }
  } setup: {
    var recipe = Recipe()
    recipe.network.layers = try LayerNotation.parse(
      "96C3p1-256C3p1-P2-384C3p1-P2-384C3p1-256C3p1-1024-1024-10")
    recipe.training.batchSize = 50
    return try StepBenchmark(recipe, sampleShape: [3, 32, 32], batches: 1, workers: 2)
  }
}
