public import Counterspike
internal import Synchronization

/// What becomes of a network's predictions and spikes when it is brought to integers.
public struct QuantizationReport: Sendable {
  /// How a layer's spikes differ.
  public struct Layer: Sendable {
    public let name: String
    /// Spikes a neuron and time step of the network in single precision, and of that in integers.
    public let rate: Double
    public let integerRate: Double
    /// The share of neurons and time steps at which one of them fires and the other does not.
    public let differing: Double
  }

  public let samples: Int
  /// Fractions of the samples that are predicted right, by the largest psc summed over time.
  public let accuracy: Double
  public let integerAccuracy: Double
  /// The fraction of samples for which both predict the same class.
  public let agreement: Double
  public let layers: [Layer]
}

extension QuantizationReport {
  /// Compares a network with itself in integers.
  ///
  /// - Throws: `mismatch` where the samples do not fit the network; `libraryFailure`.
  public init(
    _ network: Network, _ integers: IntegerNetwork, on source: any SampleSource
  ) throws {
    try network.check(source)
    let chunk = 16
    let chunks = (source.count + chunk - 1) / chunk
    let counts = Mutex(Result<Counts, any Error>.success(Counts(layers: integers.layers.count)))
    Parallel.perform(chunks) { index in
      let samples = index * chunk..<min((index + 1) * chunk, source.count)
      do {
        let counted = try Counts(network, integers, source, samples)
        counts.withLock { if case .success(let sum) = $0 { $0 = .success(sum + counted) } }
      } catch {
        counts.withLock { $0 = .failure(error) }
      }
    }
    let sum = try counts.withLock { $0 }.get()
    let count = Double(max(source.count, 1))
    samples = source.count
    accuracy = Double(sum.right) / count
    integerAccuracy = Double(sum.integerRight) / count
    agreement = Double(sum.equal) / count
    layers = integers.layers.indices.map { index in
      let places =
        count
        * Double(integers.timeSteps * integers.layers[index].product.outputShape.reduce(1, *))
      return Layer(
        name: integers.layers[index].name, rate: Double(sum.spikes[index]) / places,
        integerRate: Double(sum.integerSpikes[index]) / places,
        differing: Double(sum.differing[index]) / places)
    }
  }
}

/// Numbers of samples and spikes, whose sums do not depend on their order.
private struct Counts: Sendable {
  var right = 0
  var integerRight = 0
  var equal = 0
  var spikes: [Int]
  var integerSpikes: [Int]
  var differing: [Int]

  init(layers: Int) {
    spikes = Array(repeating: 0, count: layers)
    (integerSpikes, differing) = (spikes, spikes)
  }

  static func + (a: Counts, b: Counts) -> Counts {
    var sum = a
    sum.right += b.right
    sum.integerRight += b.integerRight
    sum.equal += b.equal
    for index in sum.spikes.indices {
      sum.spikes[index] += b.spikes[index]
      sum.integerSpikes[index] += b.integerSpikes[index]
      sum.differing[index] += b.differing[index]
    }
    return sum
  }

  /// Counts some samples.
  init(
    _ network: Network, _ integers: IntegerNetwork, _ source: any SampleSource,
    _ samples: Range<Int>
  ) throws {
    self.init(layers: integers.layers.count)
    let isStill = source.shape.count == 3
    let frame = integers.inputShape.reduce(1, *)
    let size = source.shape.reduce(1, *)
    let steps = integers.timeSteps
    let batch = samples.count
    // [B, C, H, W] or [T, B, C, H, W]
    var input = [Float](repeating: 0, count: batch * size)
    var values = [Float](repeating: 0, count: size)
    var session = IntegerSession(integers)
    var fired: [[Bool]] = []  // of each sample, step and layer, [C, H, W]
    var predictions: [Int] = []
    for (row, sample) in samples.enumerated() {
      var span = values.mutableSpan
      source.load(sample, epoch: 0, into: &span)
      session.reset()
      for t in 0..<steps {
        let begin = isStill ? 0 : t * frame
        if !isStill || t == 0 {
          let place = isStill ? row * frame : (t * batch + row) * frame
          for index in 0..<frame { input[place + index] = values[begin + index] }
        }
        session.step(values.span.extracting(begin..<begin + frame))
        for layer in integers.layers.indices {
          fired.append(session.spikes(ofLayer: layer))
        }
      }
      predictions.append(session.prediction)
    }
    let shape = (isStill ? [batch] : [steps, batch]) + integers.inputShape
    let traces = try network.trace(Tensor(shape: shape, scalars: input))
    for (layer, trace) in traces.enumerated() {
      let neurons = integers.layers[layer].product.outputShape.reduce(1, *)
      for row in 0..<batch {
        for t in 0..<steps {
          let own = fired[(row * steps + t) * integers.layers.count + layer]
          let begin = (t * batch + row) * neurons
          for neuron in 0..<neurons {
            let spike = trace.spikes.scalars[begin + neuron] > 0
            if spike { spikes[layer] += 1 }
            if own[neuron] { integerSpikes[layer] += 1 }
            if spike != own[neuron] { differing[layer] += 1 }
          }
        }
      }
    }
    guard let output = traces.last else { return }
    for (row, sample) in samples.enumerated() {
      var scores = [Float](repeating: 0, count: integers.classCount)
      for t in 0..<steps {
        for neuron in scores.indices {
          scores[neuron] += output.psc.scalars[(t * batch + row) * scores.count + neuron]
        }
      }
      let prediction = scores.firstIndex(of: scores.max() ?? 0) ?? 0
      let label = source.label(at: sample)
      if prediction == label { right += 1 }
      if predictions[row] == label { integerRight += 1 }
      if prediction == predictions[row] { equal += 1 }
    }
  }
}

extension SampleSource {
  /// The largest magnitude in the first samples; 1 where all are zero.
  public func largestMagnitude(ofFirst limit: Int) -> Float {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    var largest: Float = 0
    for index in 0..<Swift.min(limit, count) {
      var span = values.mutableSpan
      load(index, epoch: 0, into: &span)
      for value in values where value.isFinite { largest = Swift.max(largest, value.magnitude) }
    }
    return largest > 0 ? largest : 1
  }
}
