internal import CounterspikeKernels
internal import CounterspikeReference
public import CounterspikeSettings

/// u ⊞ ε, see ``MembraneWaveform/adding(_:)``.
infix operator ⊞ : AdditionPrecedence
/// u ⊟ u', see ``MembraneWaveform/subtracting(_:)``.
infix operator ⊟ : AdditionPrecedence

/// The membrane potential of one neuron over time, with the paper's algebra: what it takes to get
/// from one waveform to another.
///
///     u = f(c)         the neuron's equations, see ``NeuronSettings``
///     c = f⁻¹(u)       c[t] = u[t] − m·v[t−1]
///     u ⊞ ε            f(f⁻¹(u) + ε): the neuron replayed with ε added to its currents
///     u' ⊟ u           f⁻¹(u') − f⁻¹(u): the ε that turns u into u'
///     d_MP(u, u')      ‖u' ⊟ u‖₂
///
/// Always u ⊞ (u' ⊟ u) = u', up to rounding. In double precision.
///
/// - Note: Yang, Zhang, Li (ICML 2021), Section 4.
public struct MembraneWaveform: Sendable, Equatable {
  public let neuron: NeuronSettings
  /// u[t] before the reset, dimensionless, T values.
  public let potentials: [Double]

  /// Any values are a waveform: some currents lead to them.
  public init(potentials: [Double], neuron: NeuronSettings) {
    self.potentials = potentials
    self.neuron = neuron
  }

  /// f(c): what a neuron does with currents c.
  public init(currents: [Double], neuron: NeuronSettings) {
    self.init(potentials: neuron.reference.run(currents).membrane, neuron: neuron)
  }

  /// f⁻¹(u): the currents c.
  public var currents: [Double] { neuron.reference.currents(membrane: potentials) }

  /// s[t]
  public var spikes: [Bool] { neuron.reference.spikes(membrane: potentials).map { $0 == 1 } }

  /// a[t] = d·a[t−1] + (1 − d)·s[t]
  public var psc: [Double] {
    var a = 0.0
    let d = neuron.synapticDecay
    return spikes.map { fired in
      a = d * a + (fired ? 1 - d : 0)
      return a
    }
  }

  /// u ⊞ ε: the neuron replayed with ε added to its currents.
  ///
  /// - Precondition: ε has as many steps as u.
  public func adding(_ perturbation: [Double]) -> MembraneWaveform {
    checkSteps(perturbation.count)
    return MembraneWaveform(
      currents: zip(currents, perturbation).map { $0 + $1 }, neuron: neuron)
  }

  /// u ⊟ u': the ε that turns u' into this waveform, u.
  ///
  /// - Precondition: the same neuron and as many steps.
  public func subtracting(_ other: MembraneWaveform) -> [Double] {
    checkSteps(other.potentials.count)
    precondition(other.neuron == neuron, "waveforms of two different neurons")
    return zip(currents, other.currents).map { $0 - $1 }
  }

  /// d_MP(u, u') = ‖u' ⊟ u‖₂
  public func distance(to other: MembraneWaveform) -> Double {
    other.subtracting(self).reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The neighbor that lies just across the threshold at step k: the spike there is inverted, the
  /// steps before stay, and the neuron is replayed after it on the same currents.
  ///
  /// - Precondition: k is a step.
  public func inverting(spikeAt k: Int) -> MembraneWaveform {
    precondition(potentials.indices.contains(k), "step \(k) of \(potentials.count)")
    let reference = neuron.reference
    let currents = currents
    var start = reference.unperturbed(currents)
    // The currents were computed back from u: rounding must not change a spike before k.
    start.membrane = potentials
    start.spikes = reference.spikes(membrane: potentials)
    return MembraneWaveform(
      potentials: reference.inverting(k, of: start, currents: currents).membrane, neuron: neuron)
  }

  public static func ⊞ (waveform: MembraneWaveform, perturbation: [Double]) -> MembraneWaveform {
    waveform.adding(perturbation)
  }

  public static func ⊟ (waveform: MembraneWaveform, other: MembraneWaveform) -> [Double] {
    waveform.subtracting(other)
  }

  private func checkSteps(_ count: Int) {
    precondition(count == potentials.count, "\(count) steps and \(potentials.count) steps")
  }
}
