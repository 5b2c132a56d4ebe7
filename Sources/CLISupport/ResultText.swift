internal import CLIDrawing
package import CounterspikeReport
internal import CounterspikeTraining

extension RunMeasure {
  /// `97.12 %`, or `0.1234` of an error.
  package func text(_ value: Double) -> String {
    self == .accuracy ? value.percent : value.fixed(4)
  }
}

extension RunSummary.Result {
  /// `97.12 %` or `RMSE 0.1234`
  package var text: String { (measure == .rmse ? "RMSE " : "") + measure.text(value) }
}

extension SampleStatistics {
  /// `97.12 % ± 0.34 (3 runs)`, or `0.1234 ± 0.0012 (3 runs)` of errors.
  package func text(_ measure: RunMeasure) -> String {
    guard let mean else { return "none yet" }
    let spread = standardDeviation.map {
      " ± " + (measure == .accuracy ? (100 * $0).fixed(2) : $0.fixed(4))
    }
    return "\(measure.text(mean))\(spread ?? "") (\(count.counted("run")))"
  }
}

extension [FiringRate] {
  /// `conv_1 0.123, output 0.045`
  package var text: String { map { "\($0.layer) \($0.rate.fixed(3))" }.joined(separator: ", ") }
}
