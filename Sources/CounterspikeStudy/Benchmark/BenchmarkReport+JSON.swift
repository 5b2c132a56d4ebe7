internal import Counterspike
internal import CounterspikeTraining

extension BenchmarkReport {
  /// One JSON object; times in milliseconds, rates in GFLOP/s and GB/s of one worker.
  public var json: String {
    let line: JSONLine = [
      "recipe": .string(recipe.name),
      "network": .string(LayerNotation.format(recipe.network.layers) ?? ""),
      "timeSteps": .integer(recipe.network.timeSteps),
      "rule": .string(recipe.gradient.rule.rawValue),
      "precision": .string(recipe.network.precision.rawValue),
      "batchSize": .integer(recipe.training.batchSize),
      "activity": .string(settings.activity.rawValue),
      "threads": .integer(workers),
      "usableThreads": .integer(usableWorkers),
      "library": .string("oneDNN \(libraryVersion)"),
      "steps": .integer(steps.seconds.count),
      "stepMilliseconds": .object([
        "median": .number(1e3 * steps.median), "minimum": .number(1e3 * steps.minimum),
        "processor": .number(1e3 * processorSecondsPerStep),
      ]),
      "trainingSamplesPerSecond": .number(samplesPerSecond),
      "evaluationSamplesPerSecond": .number(evaluationSamplesPerSecond),
      "peakBytes": peakBytes.map { .integer($0) } ?? .null,
      "firingRates": .object(
        JSONLine(firingRates.map { JSONLine.Member($0.layer, .number($0.rate)) })),
      "peaks": .object([
        "convolutionGFLOPs": .object(
          JSONLine(
            peakOperationsPerSecond.sorted { $0.key.rawValue < $1.key.rawValue }.map {
              JSONLine.Member($0.key.rawValue, .number($0.value / 1e9))
            })),
        "memoryGBs": .number(peakBytesPerSecond / 1e9),
      ]),
      "profile": .array(
        profile.rows.map { row in
          .object([
            "layer": row.layer.map { .string($0) } ?? .null,
            "pass": .string(row.pass),
            "milliseconds": .number(1e3 * row.seconds),
            "share": .number(row.share),
            "GFLOPs": row.operationsPerSecond.map { .number($0 / 1e9) } ?? .null,
            "GBs": row.bytesPerSecond.map { .number($0 / 1e9) } ?? .null,
            "ofPeak": shareOfPeak(row).map { .number($0) } ?? .null,
          ])
        }),
    ]
    return line.description
  }
}
