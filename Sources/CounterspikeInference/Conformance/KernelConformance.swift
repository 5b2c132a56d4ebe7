internal import CounterspikeKernels
internal import CounterspikeSettings
internal import CounterspikeSystem

/// Golden values of single neurons, arrays `[n, T]`.
struct KernelConformance {
  let file: SafeTensorsFile
  let path: String
  let neurons: Int
  let layer: NeuronLayer
  let currents: [Float]
  let gradient: [Float]

  init(_ file: SafeTensorsFile, _ path: String) throws(CounterspikeError) {
    self.file = file
    self.path = path
    let (neuron, steps) = try Conformance.neuron(file, path)
    let current = try file.tensor("current")
    let gradient = try file.tensor("grad_output")
    guard current.shape.count == 2, current.shape[1] == steps, gradient.shape == current.shape
    else {
      throw CounterspikeError(
        .mismatch,
        "“current” and “grad_output” in “\(path.excerpt)” have the shapes \(current.shape) "
          + "and \(gradient.shape); give both as [n, \(steps)]")
    }
    neurons = current.shape[0]
    let channels = paddedChannels(max(neurons, 1))
    layer = neuron.layer(timeSteps: steps, batch: 1, channels: channels)
    currents = Self.timeFirst(current, channels: channels)
    self.gradient = Self.timeFirst(gradient, channels: channels)
  }

  func rows() throws -> [Conformance.Row] {
    let record = layer.record(currents)
    var rows: [Conformance.Row] = []
    for name in file.entries.keys.sorted() where name != "current" && name != "grad_output" {
      let ours: [Float]
      switch name {
      case "membrane": ours = record.membrane
      case "spikes": ours = record.spikes
      case "psc": ours = psc()
      case "error_filtered": ours = errors()
      case "loss_difference_exact": ours = neighborhood(.none, twice: false)
      case "loss_difference_paper": ours = neighborhood(.none, twice: true)
      case "delta_reference_code": ours = neighborhood(.inverseCube(bound: 5), twice: true)
      case "delta_exact_inverse_distance":
        ours = neighborhood(.inverse(bound: .infinity), twice: false)
      case "delta_stbp_sigmoid_a0.2":
        ours = deltas(
          .surrogate(SurrogateRule(shape: .sigmoid, width: 0.2, resetGradient: false)), currents)
      case "delta_tsslbp": ours = deltas(.tsslbp, currents)
      default: throw Conformance.unknown(name, path)
      }
      rows.append(
        Conformance.row(
          name, try file.tensor(name), neuronFirst(ours), limit: Conformance.kernelLimit))
    }
    return rows
  }

  private func psc() -> [Float] {
    let output = FloatBuffer(count: layer.outputCount)
    _ = layer.forward(
      currents: FloatBuffer(currents).all, output: output.all,
      scratch: NeuronScratch(timeSteps: layer.timeSteps))
    return output.all.array
  }

  private func neighborhood(_ weight: NeighborhoodRule.Weight, twice: Bool) -> [Float] {
    deltas(.neighborhood(NeighborhoodRule(filtersTwice: twice, weight: weight)), currents)
  }

  /// The filtered error, by way of the rule: a neuron so inhibited that it never fires has
  /// ΔL_k = (1−d)·e[k], as the made spike at k changes nothing else.
  private func errors() -> [Float] {
    let inhibited = [Float](repeating: -1e6, count: currents.count)
    let rule = NeighborhoodRule(filtersTwice: false, weight: .none)
    return deltas(.neighborhood(rule), inhibited).map { $0 / (1 - layer.synapticDecay) }
  }

  private func deltas(_ rule: SpikeRule, _ currents: [Float]) -> [Float] {
    let buffer = FloatBuffer(currents)
    layer.backward(
      rule: rule, currents: buffer.all, gradient: FloatBuffer(gradient).all,
      scratch: NeuronScratch(timeSteps: layer.timeSteps))
    return buffer.all.array
  }

  /// `[n, T]` to `[T, channels]`.
  private static func timeFirst(_ tensor: Tensor, channels: Int) -> [Float] {
    let (neurons, steps) = (tensor.shape[0], tensor.shape[1])
    var result = [Float](repeating: 0, count: steps * channels)
    for neuron in 0..<neurons {
      for t in 0..<steps {
        result[t * channels + neuron] = tensor.scalars[neuron * steps + t]
      }
    }
    return result
  }

  /// `[T, channels]` to `[n, T]`.
  private func neuronFirst(_ values: [Float]) -> [Float] {
    (0..<neurons).flatMap { neuron in
      (0..<layer.timeSteps).map { values[$0 * layer.channels + neuron] }
    }
  }
}
