/// A ``NeuronModel`` whose time step is arithmetic on sixteen neurons at a time. It trains faster than one on spans:
/// what a neuron keeps stays in registers from one time step to the next.
///
///     struct LeakyNeuron: VectorNeuronModel {
///       let decay: Float
///
///       @inline(__always)
///       func integrate(_ c: Lanes, states v: inout Lanes, threshold: inout Lanes) -> Lanes { decay * v + c }
///
///       @inline(__always)
///       func settle(_ s: Lanes, membrane u: Lanes, states v: inout Lanes) { v = u * (1 - s) }
///     }
///
/// A neuron with several states has them in a structure:
///
///     struct States: NeuronStates { var x = SIMD16<Float>(), y = SIMD16<Float>() }
///
/// The compiler makes the loops over neurons and time steps in the module of the model, for the processor that this
/// module is compiled for. `@inline(__always)` keeps it from calling the two functions within them.
public protocol VectorNeuronModel: NeuronModel {
  /// Sixteen neurons.
  typealias Lanes = SIMD16<Float>
  /// What each neuron keeps from one time step to the next: `Lanes`, or a structure of them.
  associatedtype States: NeuronStates

  /// Brings the currents of a time step into the states; the neurons fire where u > θ.
  ///
  /// - Parameters:
  ///   - currents: c[t]
  ///   - states: behind the step before; become those before a spike.
  ///   - threshold: θ, which a model may set at each step.
  /// - Returns: u[t]
  func integrate(_ currents: Lanes, states: inout States, threshold: inout Lanes) -> Lanes

  /// Does to the states what firing, or not firing, does to them: the reset.
  ///
  /// - Parameters:
  ///   - spikes: s[t], 0 or 1. It need not be what u says.
  ///   - membrane: u[t]
  ///   - states: as ``integrate(_:states:threshold:)`` left them; become those behind the step.
  func settle(_ spikes: Lanes, membrane: Lanes, states: inout States)

  /// The loops over neurons and time steps, which are there already.
  var passes: NeuronPasses { get }
}

/// A ``VectorNeuronModel`` with the way back through its time step, which surrogate gradients need.
///
///     func settleBackward(_ s: Lanes, membrane: Lanes, ofStates v: inout Lanes, ofSpikes: inout Lanes) -> Lanes {
///       defer { v = Lanes() }
///       return v * (1 - s)
///     }
///
///     func integrateBackward(
///       _ currents: Lanes, states: Lanes, ofMembrane u: Lanes, ofThreshold: Lanes, ofStates v: inout Lanes
///     ) -> Lanes {
///       v += decay * u
///       return u
///     }
public protocol DifferentiableVectorNeuronModel: VectorNeuronModel, DifferentiableNeuronModel {
  /// The way back through ``VectorNeuronModel/settle(_:membrane:states:)``.
  ///
  /// - Parameters:
  ///   - ofStates: the gradient with respect to the states behind the step; becomes the one with respect to the
  ///     states before the spike.
  ///   - ofSpikes: the gradient with respect to s[t] by way of the states; zeros before. A model that leaves the
  ///     reset out of it, as most surrogate gradients do, leaves zeros.
  /// - Returns: the gradient with respect to u[t] by way of the states.
  func settleBackward(
    _ spikes: Lanes, membrane: Lanes, ofStates: inout States, ofSpikes: inout Lanes
  ) -> Lanes

  /// The way back through ``VectorNeuronModel/integrate(_:states:threshold:)``.
  ///
  /// - Parameters:
  ///   - currents: c[t]
  ///   - states: those before the time step.
  ///   - ofMembrane: the gradient with respect to u[t].
  ///   - ofThreshold: the gradient with respect to θ[t]; a model with a constant threshold ignores it.
  ///   - ofStates: the gradient with respect to the states before the spike; becomes the one with respect to the
  ///     states before the time step.
  /// - Returns: the gradient with respect to c[t].
  func integrateBackward(
    _ currents: Lanes, states: States, ofMembrane: Lanes, ofThreshold: Lanes,
    ofStates: inout States
  ) -> Lanes
}

/// States of sixteen neurons: a structure of `SIMD16<Float>` and of nothing else, all 0 at first.
public protocol NeuronStates: BitwiseCopyable, Sendable {
  init()
}

extension SIMD16: NeuronStates where Scalar == Float {}

extension NeuronStates {
  /// States of one neuron.
  @inlinable
  static var count: Int {
    precondition(
      MemoryLayout<Self>.size % MemoryLayout<SIMD16<Float>>.size == 0,
      "\(Self.self) is not made of SIMD16<Float> alone")
    return MemoryLayout<Self>.size / MemoryLayout<SIMD16<Float>>.size
  }

  /// The i-th state of all lanes.
  @inlinable
  subscript(index: Int) -> SIMD16<Float> {
    get {
      unsafe withUnsafeBytes(of: self) { bytes in
        unsafe bytes.loadUnaligned(
          fromByteOffset: index * MemoryLayout<SIMD16<Float>>.size, as: SIMD16<Float>.self)
      }
    }
    set {
      unsafe withUnsafeMutableBytes(of: &self) { bytes in
        unsafe bytes.storeBytes(
          of: newValue, toByteOffset: index * MemoryLayout<SIMD16<Float>>.size,
          as: SIMD16<Float>.self)
      }
    }
  }
}
