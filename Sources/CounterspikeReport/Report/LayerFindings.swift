internal import Counterspike

/// What the neurons of one layer did over some samples.
package struct LayerFindings: Sendable {
  package let name: String
  /// Shape of the neurons, `[C, H, W]`.
  package let shape: [Int]
  /// θ; `nil`: the neurons never fire, as those of a readout.
  package let threshold: Float?
  package private(set) var samples = 0
  /// Spikes of each neuron over all samples, in the order C, H, W.
  package private(set) var spikes: [Int]
  /// ‖∂L/∂w‖ of the mean loss of the traced samples; `nil`: not computed.
  package var gradientNorm: Double?
  private let timeSteps: Int
  /// Evenly chosen membrane potentials.
  private var membrane = MembraneSample()

  /// A neuron that fires in more than this share of all steps is saturated.
  package static let saturation = 0.95

  init(_ stage: NetworkPlan.Stage, timeSteps: Int) {
    name = stage.name
    shape = stage.neuronShape
    threshold = stage.firingThreshold
    self.timeSteps = timeSteps
    spikes = [Int](repeating: 0, count: stage.neuronCount)
  }

  /// Takes up what a layer did with some samples.
  mutating func add(_ trace: LayerTrace, samples count: Int) {
    samples += count
    let neurons = spikes.count
    let fired = trace.spikes.scalars
    for place in fired.indices where fired[place] != 0 { spikes[place % neurons] += 1 }
    membrane.add(trace.membrane.scalars, neurons: neurons, samples: count)
  }

  package var neuronCount: Int { spikes.count }

  /// Spikes a neuron and time step.
  package var firingRate: Double {
    Double(spikes.reduce(0, +)) / Double(max(1, spikes.count * samples * timeSteps))
  }

  /// Neurons without a spike in any of the samples, of those that could fire.
  package var silentCount: Int { threshold == nil ? 0 : spikes.count { $0 == 0 } }

  /// Neurons that fire in more than ``saturation`` of all steps.
  package var saturatedCount: Int {
    spikes.count { Double($0) > Self.saturation * Double(samples * timeSteps) }
  }

  /// The largest membrane potential of all; `nil`: there is no number.
  package var largestMembrane: Float? {
    membrane.largest.isFinite ? membrane.largest : nil
  }

  /// How membrane potentials are spread.
  package struct Spread: Sendable, Equatable {
    /// Ends of equally wide ranges, one more than there are shares.
    package var limits: [Double]
    /// The share of all values in each range; those beyond the ends count in the outermost ranges.
    package var shares: [Double]
  }

  /// The membrane potentials between their quantiles of 0.5 % and 99.5 %, and the threshold, where there is one.
  package var spread: Spread? {
    let sorted = membrane.values.sorted()
    guard let last = sorted.indices.last else { return nil }
    let low = min(Double(sorted[last / 200]), 0)
    let high = max(Double(sorted[last - last / 200]), threshold.map { Double($0) * 1.1 } ?? 0)
    guard high > low else { return nil }
    let ranges = 30
    let width = (high - low) / Double(ranges)
    var shares = [Double](repeating: 0, count: ranges)
    for value in sorted {
      let place = ((Double(value) - low) / width).rounded(.down)
      shares[Int(min(max(place, 0), Double(ranges - 1)))] += 1 / Double(sorted.count)
    }
    return Spread(limits: (0...ranges).map { low + Double($0) * width }, shares: shares)
  }
}
