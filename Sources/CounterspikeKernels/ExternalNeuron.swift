/// A neuron whose time step comes from outside of this package.
///
/// States of n neurons lie one kind behind the other: the i-th of neuron j at i·n + j.
package final class ExternalNeuron: Sendable, Equatable {
  /// Brings currents into the states; writes u, and θ where it is not the layer's.
  package typealias Integrate =
    @Sendable (
      _ currents: Span<Float>, _ states: inout MutableSpan<Float>,
      _ membrane: inout MutableSpan<Float>, _ threshold: inout MutableSpan<Float>
    ) -> Void
  /// Does to the states what spikes, 0 or 1, do.
  package typealias Settle =
    @Sendable (
      _ spikes: Span<Float>, _ membrane: Span<Float>, _ states: inout MutableSpan<Float>
    ) -> Void

  /// The way back through a time step.
  package struct Backward: Sendable {
    /// From the gradient with respect to the states behind ``Settle`` to those before it, u and s.
    package typealias Settle =
      @Sendable (
        _ spikes: Span<Float>, _ membrane: Span<Float>, _ ofStates: inout MutableSpan<Float>,
        _ ofMembrane: inout MutableSpan<Float>, _ ofSpikes: inout MutableSpan<Float>
      ) -> Void
    /// From the gradients with respect to u, θ and the states behind ``Integrate`` to those with respect to
    /// the states before it and the currents.
    package typealias Integrate =
      @Sendable (
        _ currents: Span<Float>, _ states: Span<Float>, _ ofMembrane: Span<Float>,
        _ ofThreshold: Span<Float>, _ ofStates: inout MutableSpan<Float>,
        _ ofCurrents: inout MutableSpan<Float>
      ) -> Void

    let settle: Settle
    let integrate: Integrate

    package init(settle: @escaping Settle, integrate: @escaping Integrate) {
      self.settle = settle
      self.integrate = integrate
    }
  }

  /// Computes all time steps of some neurons at once.
  package typealias Series = @Sendable (NeuronSeries.Operation, NeuronSeries) -> Void

  /// Says which neuron this is, with all its settings.
  private let identity: String
  /// Numbers that each neuron keeps from one time step to the next; 0 before the first.
  package let stateCount: Int
  /// ∂u[t]/∂c[t]
  package let currentGain: Float
  let integrate: Integrate
  let settle: Settle
  let backward: Backward?
  let series: Series?

  /// - Parameter series: the same to the last bit, for a neuron that keeps its states in registers.
  package init(
    identity: String, stateCount: Int, currentGain: Float, integrate: @escaping Integrate,
    settle: @escaping Settle, backward: Backward?, series: Series? = nil
  ) {
    precondition(stateCount >= 0, "a neuron with \(stateCount) states")
    self.identity = identity
    self.stateCount = stateCount
    self.currentGain = currentGain
    self.integrate = integrate
    self.settle = settle
    self.backward = backward
    self.series = series
  }

  package static func == (a: ExternalNeuron, b: ExternalNeuron) -> Bool {
    a.identity == b.identity
  }

  /// Whether rules that need derivatives can be computed.
  package var isDifferentiable: Bool { backward != nil }

  /// Whether a rule can be computed for such neurons.
  package func covers(_ rule: SpikeRule) -> Bool {
    switch rule {
    case .neighborhood: true
    case .surrogate(let rule): isDifferentiable && !rule.resetGradient
    case .external: isDifferentiable
    case .neuronwise, .slayer, .tsslbp, .own: false
    }
  }

  /// What vector code calls; valid as long as this object lives.
  var call: NeuronCall {
    NeuronCall(
      context: UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()),
      stateCount: stateCount, currentGain: currentGain,
      integrate: { context, currents, states, membrane, threshold, count in
        ExternalNeuron.with(context) { neuron in
          var work = MutableSpan(_unsafeStart: states, count: count * neuron.stateCount)
          var u = MutableSpan(_unsafeStart: membrane, count: count)
          var theta = MutableSpan(_unsafeStart: threshold, count: count)
          neuron.integrate(Span(_unsafeStart: currents, count: count), &work, &u, &theta)
        }
      },
      settle: { context, spikes, membrane, states, count in
        ExternalNeuron.with(context) { neuron in
          var work = MutableSpan(_unsafeStart: states, count: count * neuron.stateCount)
          neuron.settle(
            Span(_unsafeStart: spikes, count: count), Span(_unsafeStart: membrane, count: count),
            &work)
        }
      },
      settleBackward: { context, spikes, membrane, ofStates, ofMembrane, ofSpikes, count in
        ExternalNeuron.with(context) { neuron in
          var s = MutableSpan(_unsafeStart: ofStates, count: count * neuron.stateCount)
          var u = MutableSpan(_unsafeStart: ofMembrane, count: count)
          var fired = MutableSpan(_unsafeStart: ofSpikes, count: count)
          neuron.backward?.settle(
            Span(_unsafeStart: spikes, count: count), Span(_unsafeStart: membrane, count: count),
            &s, &u, &fired)
        }
      },
      integrateBackward: {
        context, currents, states, ofMembrane, ofThreshold, ofStates, ofCurrents, count in
        ExternalNeuron.with(context) { neuron in
          var s = MutableSpan(_unsafeStart: ofStates, count: count * neuron.stateCount)
          var c = MutableSpan(_unsafeStart: ofCurrents, count: count)
          neuron.backward?.integrate(
            Span(_unsafeStart: currents, count: count),
            Span(_unsafeStart: states, count: count * neuron.stateCount),
            Span(_unsafeStart: ofMembrane, count: count),
            Span(_unsafeStart: ofThreshold, count: count), &s, &c)
        }
      },
      series: series == nil
        ? nil
        : { context, operation, series in
          ExternalNeuron.with(context) { neuron in
            neuron.series?(
              operation.assumingMemoryBound(to: NeuronSeries.Operation.self).pointee,
              series.assumingMemoryBound(to: NeuronSeries.self).pointee)
          }
        })
  }

  fileprivate static func with(_ context: UnsafeRawPointer, _ body: (ExternalNeuron) -> Void) {
    Unmanaged<ExternalNeuron>.fromOpaque(context)._withUnsafeGuaranteedRef { body($0) }
  }
}

/// An ``ExternalNeuron`` as vector code calls it: plain values, nothing to be retained.
package struct NeuronCall: @unchecked Sendable {
  package typealias Integrate =
    @convention(c) (
      _ context: UnsafeRawPointer, _ currents: FloatPointer, _ states: FloatPointer,
      _ membrane: FloatPointer, _ threshold: FloatPointer, _ count: Int
    ) -> Void
  package typealias Settle =
    @convention(c) (
      _ context: UnsafeRawPointer, _ spikes: FloatPointer, _ membrane: FloatPointer,
      _ states: FloatPointer, _ count: Int
    ) -> Void
  package typealias SettleBackward =
    @convention(c) (
      _ context: UnsafeRawPointer, _ spikes: FloatPointer, _ membrane: FloatPointer,
      _ ofStates: FloatPointer, _ ofMembrane: FloatPointer, _ ofSpikes: FloatPointer, _ count: Int
    ) -> Void
  package typealias IntegrateBackward =
    @convention(c) (
      _ context: UnsafeRawPointer, _ currents: FloatPointer, _ states: FloatPointer,
      _ ofMembrane: FloatPointer, _ ofThreshold: FloatPointer, _ ofStates: FloatPointer,
      _ ofCurrents: FloatPointer, _ count: Int
    ) -> Void

  package typealias Series =
    @convention(c) (
      _ context: UnsafeRawPointer, _ operation: UnsafeRawPointer, _ series: UnsafeRawPointer
    ) -> Void

  package let context: UnsafeRawPointer
  package let stateCount: Int
  package let currentGain: Float
  package let integrate: Integrate
  package let settle: Settle
  package let settleBackward: SettleBackward
  package let integrateBackward: IntegrateBackward
  /// ``NeuronSeries/Operation`` and ``NeuronSeries``; `nil`: this neuron goes step by step.
  package let series: Series?
}
