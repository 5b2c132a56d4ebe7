internal import CounterspikeKernels

/// All time steps of some neurons, for the loops of ``NeuronPasses``: rows of `width` floats, see `NeuronSeries`.
/// The kernels' room lives as long as the call that brings it.
@safe
@usableFromInline
struct NeuronTrains {
  @usableFromInline let timeSteps: Int
  @usableFromInline let width: Int
  @usableFromInline let threshold: Float
  @usableFromInline let gain: Float
  @usableFromInline let currents: UnsafeMutablePointer<Float>
  @usableFromInline let membranes: UnsafeMutablePointer<Float>
  @usableFromInline let thresholds: UnsafeMutablePointer<Float>
  @usableFromInline let spikes: UnsafeMutablePointer<Float>
  @usableFromInline let errors: UnsafeMutablePointer<Float>
  @usableFromInline let states: UnsafeMutablePointer<Float>
  @usableFromInline let mask: UnsafeMutablePointer<Float>

  init(_ series: NeuronSeries) {
    timeSteps = series.timeSteps
    width = series.width
    threshold = series.threshold
    gain = series.gain
    unsafe currents = series.currents
    unsafe membranes = series.membranes
    unsafe thresholds = series.thresholds
    unsafe spikes = series.spikes
    unsafe errors = series.errors
    unsafe states = series.states
    unsafe mask = series.mask
  }

  /// Calls `body` with every sixteen neurons.
  @inlinable
  @inline(__always)
  func forEachBlock(_ body: (Block) -> Void) {
    var place = 0
    while place < width {
      body(Block(trains: self, place: place))
      place &+= 16
    }
  }

  /// Sixteen neurons.
  @usableFromInline
  struct Block {
    @usableFromInline let trains: NeuronTrains
    @usableFromInline let place: Int

    @inlinable
    @inline(__always)
    init(trains: NeuronTrains, place: Int) {
      self.trains = trains
      self.place = place
    }

    @inlinable
    @inline(__always)
    func load(_ rows: UnsafeMutablePointer<Float>, _ t: Int) -> SIMD16<Float> {
      unsafe UnsafeRawPointer(rows + (t &* trains.width &+ place))
        .loadUnaligned(as: SIMD16<Float>.self)
    }

    @inlinable
    @inline(__always)
    func store(_ lanes: SIMD16<Float>, _ rows: UnsafeMutablePointer<Float>, _ t: Int) {
      unsafe UnsafeMutableRawPointer(rows + (t &* trains.width &+ place))
        .storeBytes(of: lanes, as: SIMD16<Float>.self)
    }

    @inlinable
    @inline(__always)
    var mask: SIMD16<Float> { unsafe load(trains.mask, 0) }

    @inlinable
    @inline(__always)
    func current(_ t: Int) -> SIMD16<Float> { unsafe load(trains.currents, t) }

    @inlinable
    @inline(__always)
    func membrane(_ t: Int) -> SIMD16<Float> { unsafe load(trains.membranes, t) }

    @inlinable
    @inline(__always)
    func threshold(_ t: Int) -> SIMD16<Float> { unsafe load(trains.thresholds, t) }

    @inlinable
    @inline(__always)
    func spikes(_ t: Int) -> SIMD16<Float> { unsafe load(trains.spikes, t) }

    @inlinable
    @inline(__always)
    func error(_ t: Int) -> SIMD16<Float> { unsafe load(trains.errors, t) }

    @inlinable
    @inline(__always)
    func store(current: SIMD16<Float>, _ t: Int) { unsafe store(current, trains.currents, t) }

    @inlinable
    @inline(__always)
    func store(spikes: SIMD16<Float>, _ t: Int) { unsafe store(spikes, trains.spikes, t) }

    @inlinable
    @inline(__always)
    func store(membrane: SIMD16<Float>, threshold: SIMD16<Float>, _ t: Int) {
      unsafe store(membrane, trains.membranes, t)
      unsafe store(threshold, trains.thresholds, t)
    }

    /// Where the states before step t stand.
    @inlinable
    @inline(__always)
    func states<States: NeuronStates>(_ t: Int, of: States.Type) -> UnsafeMutableRawPointer {
      unsafe UnsafeMutableRawPointer(
        trains.states + (t &* trains.width &+ place) &* States.count)
    }

    @inlinable
    @inline(__always)
    func states<States: NeuronStates>(_ t: Int, as type: States.Type) -> States {
      unsafe UnsafeRawPointer(states(t, of: type)).loadUnaligned(as: type)
    }

    @inlinable
    @inline(__always)
    func store<States: NeuronStates>(_ states: States, _ t: Int) {
      unsafe self.states(t, of: States.self).storeBytes(of: states, as: States.self)
    }
  }
}
