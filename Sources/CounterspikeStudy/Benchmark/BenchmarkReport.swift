public import Counterspike
public import CounterspikeTraining
internal import Foundation

/// What `counterspike bench` finds out about a recipe on this machine.
public struct BenchmarkReport: Sendable {
  /// What is measured.
  public struct Settings: Sendable {
    public var activity = StepBenchmark.Activity.normal
    /// Spikes a neuron and time step that each layer's weights are scaled for; `nil`: not scaled.
    public var firingRate: Double?
    /// Different batches of synthetic samples.
    public var batches = 4
    /// Training steps that are measured; `nil`: as many as two seconds hold, at least five.
    public var steps: Int?
    /// Threads; `nil`: one a processor.
    public var workers: Int?

    public init() {}
  }

  /// Times of equal pieces of work.
  public struct Times: Sendable {
    /// In the order they were measured.
    public let seconds: [Double]

    public var median: Double {
      let sorted = seconds.sorted()
      let middle = sorted.count / 2
      return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    public var minimum: Double { seconds.min() ?? 0 }
  }

  public let recipe: Recipe
  public let settings: Settings
  public let workers: Int
  /// The most threads that have work in a training step.
  public let usableWorkers: Int
  /// Of training steps.
  public let steps: Times
  /// Processor time of a training step, all threads together, mean.
  public let processorSecondsPerStep: Double
  /// Of evaluations of `evaluationSamples` samples.
  public let evaluations: Times
  public let evaluationSamples: Int
  /// The most memory that the process held after training and evaluation; `nil` where the
  /// operating system does not say.
  public let peakBytes: Int?
  public let firingRates: [FiringRate]
  public let profile: StepProfile
  /// Operations a second that one worker reaches in a convolution while all of them are busy, for each
  /// precision that the network multiplies in.
  public let peakOperationsPerSecond: [NetworkSettings.Precision: Double]
  /// Bytes a second from and to memory, likewise.
  public let peakBytesPerSecond: Double
  public let libraryVersion: String

  /// The rate of a pass as a share of what the machine can do at most.
  public func shareOfPeak(_ row: StepProfile.Row) -> Double? {
    if let operations = row.operationsPerSecond, let precision = row.precision {
      return peakOperationsPerSecond[precision].map { operations / $0 }
    }
    return row.bytesPerSecond.map { $0 / peakBytesPerSecond }
  }

  public var samplesPerSecond: Double {
    Double(recipe.training.batchSize) / steps.median
  }

  public var evaluationSamplesPerSecond: Double {
    Double(evaluationSamples) / evaluations.median
  }

  /// Measures; takes some seconds.
  ///
  /// - Parameters:
  ///   - sampleShape: `[C, H, W]` of static inputs, `[T, C, H, W]` of spike trains.
  ///   - samples: in place of synthetic ones.
  /// - Throws: `invalidRecipe`, `mismatch`, `libraryFailure`.
  public init(
    _ recipe: Recipe, sampleShape: [Int], samples: (any SampleSource)? = nil,
    settings: Settings = Settings()
  ) throws {
    self.recipe = recipe
    self.settings = settings
    func benchmark(profiled: Bool) throws(CounterspikeError) -> StepBenchmark {
      if let samples {
        return try StepBenchmark(
          recipe, samples: samples, batches: settings.batches, activity: settings.activity,
          workers: settings.workers, profiled: profiled)
      }
      return try StepBenchmark(
        recipe, sampleShape: sampleShape, batches: settings.batches, activity: settings.activity,
        firingRate: settings.firingRate, workers: settings.workers, profiled: profiled)
    }
    let plain = try benchmark(profiled: false)
    workers = plain.workers
    usableWorkers = plain.usableWorkers
    try Self.warmUp(plain)
    let processor = ProcessUsage.processorSeconds
    steps = try Self.measure(count: settings.steps, atLeast: 5, for: 2) { try plain.step() }
    processorSecondsPerStep =
      (ProcessUsage.processorSeconds - processor) / Double(steps.seconds.count)
    evaluations = try Self.measure(count: nil, atLeast: 3, for: 0.5) { try plain.evaluate() }
    evaluationSamples = plain.sampleCount
    firingRates = plain.firingRates
    peakBytes = ProcessUsage.peakBytes
    let profiled = try benchmark(profiled: true)
    try Self.warmUp(profiled)
    let times = try Self.measure(count: settings.steps, atLeast: 5, for: 1) {
      try profiled.step()
    }
    guard let profile = profiled.takeProfile(seconds: times.seconds.reduce(0, +)) else {
      throw CancellationError()
    }
    self.profile = profile
    let peaks = try MachinePeaks.measure(
      workers: workers, precisions: Set(profile.rows.compactMap(\.precision)))
    peakOperationsPerSecond = peaks.operationsPerSecond
    peakBytesPerSecond = peaks.bytesPerSecond
    libraryVersion = peaks.libraryVersion
  }

  /// Steps until caches, threads and oneDNN's code are warm.
  private static func warmUp(_ benchmark: StepBenchmark) throws {
    for _ in 0..<3 { try benchmark.step() }
    _ = benchmark.takeProfile(seconds: 1)
  }

  /// Times `count` calls, or as many as `seconds` hold.
  private static func measure(
    count: Int?, atLeast least: Int, for seconds: Double, _ body: () throws -> Void
  ) rethrows -> Times {
    let clock = ContinuousClock()
    var times: [Double] = []
    var total = 0.0
    while count.map({ times.count < $0 }) ?? (times.count < least || total < seconds) {
      let begin = clock.now
      try body()
      times.append((clock.now - begin) / .seconds(1))
      total += times.last ?? 0
    }
    return Times(seconds: times)
  }
}

/// What the operating system says about this process.
enum ProcessUsage {
  /// Processor time of all threads.
  static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// The most memory that was resident at a time.
  static var peakBytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      .flatMap { Int($0) }.map { $0 * 1024 }
  }
}
