internal import CounterspikeSettings
internal import CounterspikeSystem

/// Compares what Counterspike computes with golden values: files that hold the inputs of a
/// computation and the results of an independent program.
///
/// A kernel file holds currents and gradients of single neurons, `[n, T]`, and what the rules make
/// of them; a network file holds weights, images and labels, and every psc, loss and gradient.
public enum Conformance {
  /// How one golden tensor compares.
  public struct Row: Sendable {
    public let tensor: String
    public let shape: [Int]
    /// The largest difference, relative to the golden tensor's largest magnitude.
    public let error: Double
    /// The largest error that passes.
    public let limit: Double

    /// A result that is no number does not pass.
    public var passes: Bool { error <= limit }
  }

  /// Limit of single neurons, psc and losses.
  public static let kernelLimit = 1e-5
  /// Limit of a network's weight gradients.
  public static let gradientLimit = 1e-4

  /// Recomputes every tensor of a golden file that is not an input.
  ///
  /// - Throws: `unreadableFile`, `damagedFile`; `mismatch` when the file holds no golden values or
  ///   a tensor that this version does not know.
  public static func check(_ path: String) throws -> [Row] {
    let file = try SafeTensorsFile(contentsOf: path)
    if file.entries["current"] != nil { return try KernelConformance(file, path).rows() }
    if file.entries["input"] != nil { return try NetworkConformance(file, path).rows() }
    throw CounterspikeError(
      .mismatch,
      "“\(path.excerpt)” holds no golden values: it has neither a tensor “current” (neurons) nor “input” "
        + "(a network)")
  }

  static func row(_ name: String, _ golden: Tensor, _ ours: [Float], limit: Double) -> Row {
    var difference = golden.count == ours.count ? 0 : Double.infinity
    var largest = 0.0
    for (a, b) in zip(golden.scalars, ours) {
      let distance = abs(Double(a) - Double(b))
      if !(distance <= difference) { difference = distance.isNaN ? .infinity : distance }
      largest = max(largest, abs(Double(a)))
    }
    return Row(
      tensor: name, shape: golden.shape, error: largest > 0 ? difference / largest : difference,
      limit: limit)
  }

  /// A number of the file's metadata.
  static func number(
    _ key: String, _ file: SafeTensorsFile, _ path: String
  ) throws(CounterspikeError) -> Float {
    guard let text = file.metadata[key], let value = Float(text), value.isFinite else {
      throw CounterspikeError(
        .mismatch, "the metadata of “\(path.excerpt)” lacks a number for “\(key)”; add it")
    }
    return value
  }

  /// The neuron that the metadata describes, and T.
  static func neuron(
    _ file: SafeTensorsFile, _ path: String
  ) throws(CounterspikeError) -> (settings: NeuronSettings, timeSteps: Int) {
    let settings = NeuronSettings(
      membraneTimeConstant: try number("tau_m", file, path),
      synapticTimeConstant: try number("tau_s", file, path),
      threshold: try number("threshold", file, path))
    let steps = try number("T", file, path)
    guard settings.membraneTimeConstant > 1, settings.synapticTimeConstant > 1,
      settings.threshold > 0, steps >= 1, steps <= 100_000, steps == steps.rounded()
    else {
      throw CounterspikeError(
        .mismatch,
        "the metadata of “\(path.excerpt)” describes no neuron: tau_m and tau_s must be > 1, threshold > 0, "
          + "T a whole number from 1 to 100,000; correct it")
    }
    return (settings, Int(steps))
  }

  static func unknown(_ name: String, _ path: String) -> CounterspikeError {
    CounterspikeError(
      .mismatch,
      "“\(path.excerpt)” has a tensor “\(name.excerpt)” that this version of counterspike cannot recompute; "
        + "leave it out, or use a newer version")
  }
}
