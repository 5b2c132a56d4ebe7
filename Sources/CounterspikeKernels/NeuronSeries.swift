/// All time steps of the neurons that a pass over ``ExternalNeurons`` takes at a time, for a neuron that computes
/// them itself: rows of `width` floats, a multiple of ``Lanes``; row t of a series at t·width.
package struct NeuronSeries {
  /// What is to be computed.
  package enum Operation: Int32, Sendable {
    /// s from c.
    case forward
    /// u, θ, s and the states before each step from c.
    case record
    /// The same, and Σ_{j≥k} Δs[j]·e[j] of every inverted spike k over c[k].
    case replay
    /// Behind ``record``: ∂L/∂c[t] over c[t]; f(u[t], θ[t]) stands in place of θ[t].
    case propagate
  }

  package let timeSteps: Int
  package let width: Int
  /// θ before a neuron writes its own.
  package let threshold: Float
  /// 1 − d
  package let gain: Float
  package let currents: FloatPointer
  package let membranes: FloatPointer
  package let thresholds: FloatPointer
  package let spikes: FloatPointer
  package let errors: FloatPointer
  /// `[T, width / 16, states, 16]`
  package let states: FloatPointer
  /// 1 of neurons that are run, 0 of others; one row.
  package let mask: FloatPointer

  package init(
    timeSteps: Int, width: Int, threshold: Float, gain: Float, currents: FloatPointer,
    membranes: FloatPointer, thresholds: FloatPointer, spikes: FloatPointer, errors: FloatPointer,
    states: FloatPointer, mask: FloatPointer
  ) {
    self.timeSteps = timeSteps
    self.width = width
    self.threshold = threshold
    self.gain = gain
    self.currents = currents
    self.membranes = membranes
    self.thresholds = thresholds
    self.spikes = spikes
    self.errors = errors
    self.states = states
    self.mask = mask
  }
}
