// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import Counterspike
internal import CounterspikeKernels

/// What a handle of neurons points to.
private final class NeuronsHandle {
  let function: NeuronFunction

  init(_ function: NeuronFunction) { self.function = function }
}

@c @implementation
public func counterspike_neurons_create(
  _ recipe: UnsafePointer<CChar>?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let text = try unsafe Text.read(recipe, "recipe")
    unsafe handle = Handle.make(NeuronsHandle(try NeuronFunction(recipe: text)))
  }
  return unsafe handle
}

@c @implementation
public func counterspike_neurons_destroy(_ neurons: OpaquePointer?) {
  unsafe Handle.destroy(neurons, NeuronsHandle.self)
}

@c @implementation
public func counterspike_neurons_forward(
  _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
  _ output: UnsafeMutablePointer<Float>?, _ membrane: UnsafeMutablePointer<Float>?,
  _ psc: UnsafeMutablePointer<Float>?, _ adaptation: UnsafeMutablePointer<Float>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe counterspike_neurons_forward_pooled(
    neurons, input, nil, output, membrane, psc, adaptation, status)
}

@c @implementation
public func counterspike_neurons_forward_pooled(
  _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
  _ windows: UnsafePointer<counterspike_neurons_windows>?,
  _ output: UnsafeMutablePointer<Float>?, _ membrane: UnsafeMutablePointer<Float>?,
  _ psc: UnsafeMutablePointer<Float>?, _ adaptation: UnsafeMutablePointer<Float>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let call = try unsafe NeuronCall(neurons, input, windows)
    try unsafe call.function.forward(
      call.extent, currents: call.currents, before: call.before,
      output: Argument.require(output, "output"),
      after: NeuronArray.Written(membrane: membrane, psc: psc, adaptation: adaptation))
  }
}

@c @implementation
public func counterspike_neurons_backward(
  _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
  _ outputGradient: UnsafePointer<Float>?, _ currentsGradient: UnsafeMutablePointer<Float>?,
  _ constantGradients: UnsafeMutablePointer<Double>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe counterspike_neurons_backward_pooled(
    neurons, input, nil, outputGradient, currentsGradient, constantGradients, status)
}

@c @implementation
public func counterspike_neurons_backward_pooled(
  _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
  _ windows: UnsafePointer<counterspike_neurons_windows>?,
  _ outputGradient: UnsafePointer<Float>?, _ currentsGradient: UnsafeMutablePointer<Float>?,
  _ constantGradients: UnsafeMutablePointer<Double>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let call = try unsafe NeuronCall(neurons, input, windows)
    let gradient = try unsafe Argument.require(outputGradient, "output_gradient")
    let result = try unsafe Argument.require(currentsGradient, "currents_gradient")
    guard unsafe UnsafePointer(result) != gradient, unsafe UnsafePointer(result) != call.currents,
      unsafe UnsafePointer(result) != call.before.membrane
    else {
      throw Argument("currents_gradient is another array's memory; give it memory of its own")
    }
    try unsafe call.requireStart()
    let constants = try unsafe call.function.backward(
      call.extent, currents: call.currents, membrane: call.before.membrane, gradient: gradient,
      deltas: result, needsConstants: constantGradients != nil)
    guard let constants, let place = unsafe constantGradients else { return }
    unsafe place[0] = constants.membraneTimeConstant
    unsafe place[1] = constants.synapticTimeConstant
    unsafe place[2] = constants.threshold
  }
}

@c @implementation
public func counterspike_neurons_step_backward(
  _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
  _ outputGradient: UnsafePointer<Float>?,
  _ behind: UnsafePointer<counterspike_neurons_state>?,
  _ currentsGradient: UnsafeMutablePointer<Float>?,
  _ before: UnsafePointer<counterspike_neurons_state>?,
  _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let call = try unsafe NeuronCall(neurons, input)
    let after = unsafe behind?.pointee
    let result = unsafe before?.pointee
    try unsafe call.function.backwardStep(
      call.extent, currents: call.currents, before: call.before,
      gradient: Argument.require(outputGradient, "output_gradient"),
      ofState: NeuronArray.Given(
        membrane: UnsafePointer(after?.membrane), adaptation: UnsafePointer(after?.adaptation)),
      deltas: Argument.require(currentsGradient, "currents_gradient"),
      result: NeuronArray.Written(
        membrane: result?.membrane, psc: result?.psc, adaptation: result?.adaptation))
  }
}

/// The checked arguments of a call.
@unsafe private struct NeuronCall {
  let function: NeuronFunction
  let extent: NeuronFunction.Extent
  let currents: UnsafePointer<Float>
  let before: NeuronArray.Given

  init(
    _ neurons: OpaquePointer?, _ input: UnsafePointer<counterspike_neurons_input>?,
    _ windows: UnsafePointer<counterspike_neurons_windows>? = nil
  ) throws {
    unsafe function = try Handle.read(neurons, "neurons", NeuronsHandle.self).function
    let input = try unsafe Argument.require(input, "input").pointee
    guard let steps = unsafe Int(exactly: input.time_steps),
      let count = unsafe Int(exactly: input.neurons)
    else { throw Argument("time_steps or neurons is larger than any array's") }
    var extent = NeuronFunction.Extent(
      timeSteps: steps, count: count, threads: try unsafe Numbers.threads(input.threads),
      repeatsCurrents: unsafe input.repeats_currents != 0)
    if let constants = unsafe input.constants {
      extent.constants = unsafe NeuronFunction.Constants(
        membraneTimeConstant: constants[0], synapticTimeConstant: constants[1],
        threshold: constants[2])
    }
    if let windows = unsafe windows?.pointee {
      extent.windows = PooledNeuronArray.Windows(
        height: Int(windows.height), width: Int(windows.width), columns: Int(windows.columns),
        channels: Int(windows.channels), factor: windows.factor)
    }
    unsafe self.extent = extent
    unsafe currents = try Argument.require(input.currents, "input.currents")
    unsafe before = NeuronArray.Given(
      membrane: input.membrane, psc: input.psc, adaptation: input.adaptation)
  }

  /// - Throws: where the rule would need what came before the array, beside the membrane potential.
  func requireStart() throws {
    if unsafe function.neuron.dynamics.adaptation != nil, unsafe before.adaptation != nil {
      throw Argument(
        "an adaptive threshold that does not start at rest has no gradient over a series; leave out "
          + "input.adaptation, or go back one step at a time")
    }
    if unsafe function.gradient.rule == .tsslbp, unsafe before.psc != nil {
      throw Argument(
        "the rule tsslbp has no gradient over a series whose psc does not start at zero; leave out "
          + "input.psc, or go back one step at a time")
    }
  }
}
