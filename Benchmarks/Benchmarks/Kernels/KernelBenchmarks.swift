import Benchmark
import Counterspike
import CounterspikeStudy
import CounterspikeTraining

/// A layer of neurons alone, on one thread: 4104, as a plane of 4096 would put all time steps of a
/// neuron into the same set of the first-level cache.
let benchmarks: @Sendable () -> Void = {
  let kernels = Benchmark.Configuration(
    metrics: [.wallClock, .throughput], warmupIterations: 3, maxDuration: .seconds(1),
    maxIterations: 1000)
  let rules: [GradientSettings.Rule] = [.neighborhood, .surrogate, .tsslbp]

  for timeSteps in [5, 50, 500] {
    for activity in StepBenchmark.Activity.allCases {
      for rule in rules {
        Benchmark(
          "\(rule.rawValue) backward, 4104 neurons, T=\(timeSteps), \(activity.rawValue)",
          configuration: kernels
        ) { (benchmark, neurons: NeuronBenchmark) in
          neurons.prepare()
          benchmark.startMeasurement()
          neurons.backward()
          benchmark.stopMeasurement()
        } setup: {
          var gradient = GradientSettings()
          gradient.rule = rule
          return NeuronBenchmark(
            gradient: gradient, timeSteps: timeSteps, neurons: 4104, activity: activity)
        }
      }
      Benchmark(
        "forward, 4104 neurons, T=\(timeSteps), \(activity.rawValue)", configuration: kernels
      ) { (benchmark, neurons: NeuronBenchmark) in
        for _ in benchmark.scaledIterations { neurons.forward() }
      } setup: {
        NeuronBenchmark(timeSteps: timeSteps, neurons: 4104, activity: activity)
      }
    }
  }
}
