internal import CounterspikeSettings

/// Runs an ``IntegerNetwork`` one time step at a time.
///
/// A value: copies go on by themselves.
public struct IntegerSession: Sendable, Equatable {
  public let network: IntegerNetwork
  private var input: [Int32]
  private var states: [State]
  /// Σ_t a[t] of each output neuron, in units of 2⁻ᶠ.
  public private(set) var scores: [Int64]

  /// What a layer keeps from one time step to the next.
  private struct State: Sendable, Equatable {
    /// w in the order in, y, x, out, so that what one input value adds to lies side by side.
    let weights: [Int32]
    /// c, u and v in turn, a and s, each `[H, W, C]`.
    var currents: [Int32]
    var membrane: [Int32]
    var psc: [Int32]
    var spikes: [Bool]
  }

  public init(_ network: IntegerNetwork) {
    self.network = network
    input = Array(repeating: 0, count: network.inputShape.reduce(1, *))
    scores = Array(repeating: 0, count: network.classCount)
    states = network.layers.map { layer in
      let count = layer.product.outputShape.reduce(1, *)
      let zeros = [Int32](repeating: 0, count: count)
      return State(
        weights: layer.product.inputFirstWeights, currents: zeros, membrane: zeros, psc: zeros,
        spikes: Array(repeating: false, count: count))
    }
  }

  /// Forgets all time steps.
  public mutating func reset() {
    for index in input.indices { input[index] = 0 }
    for index in scores.indices { scores[index] = 0 }
    for layer in states.indices {
      for index in states[layer].membrane.indices {
        states[layer].currents[index] = 0
        states[layer].membrane[index] = 0
        states[layer].psc[index] = 0
        states[layer].spikes[index] = false
      }
    }
  }

  /// Makes a time step.
  ///
  /// - Parameter frame: `[C, H, W]`; numbers beyond the network's largest input are cut.
  /// - Precondition: as many numbers as the network's input has.
  public mutating func step(_ frame: Span<Float>) {
    precondition(
      frame.count == input.count, "\(frame.count) numbers for an input of \(input.count)")
    filter(frame)
    var values = input
    for index in network.layers.indices {
      let layer = network.layers[index]
      layer.product.add(values, weights: states[index].weights, to: &states[index].currents)
      values = advance(layer.neurons, &states[index])
      var shape = layer.product.outputShape
      for pooling in layer.poolings {
        values = pooling.pooled(values, shape: shape)
        shape = pooling.outputShape
      }
    }
    for index in scores.indices { scores[index] += Int64(values[index]) }
  }

  /// a_in[t] = d·a_in[t−1] + (1 − d)·x[t], into `[H, W, C]`.
  private mutating func filter(_ frame: Span<Float>) {
    let channels = network.inputShape[0]
    let pixels = network.inputShape[1] * network.inputShape[2]
    let unit = Float(1 << network.fractionBits)
    let limit = Float(network.inputLimit)
    let gain = Int32(1 << IntegerNetwork.factorBits) - network.inputDecay
    for channel in 0..<channels {
      for pixel in 0..<pixels {
        let value = (frame[channel * pixels + pixel] * unit).rounded()
        // What is no number counts as nothing.
        let x = value > limit ? limit : (value >= -limit ? value : (value < -limit ? -limit : 0))
        let place = pixel * channels + channel
        input[place] =
          IntegerNetwork.scaled(input[place], by: network.inputDecay)
          + IntegerNetwork.scaled(Int32(x), by: gain)
      }
    }
  }

  /// Advances the neurons; returns a.
  private func advance(_ neurons: IntegerNetwork.Neurons, _ state: inout State) -> [Int32] {
    let channels = neurons.thresholds.count
    for place in state.membrane.indices {
      let threshold = neurons.thresholds[place % channels]
      let u =
        IntegerNetwork.scaled(state.membrane[place], by: neurons.membraneDecay)
        + state.currents[place]
      let fires = u > threshold
      state.spikes[place] = fires
      switch neurons.reset {
      case .zero: state.membrane[place] = fires ? 0 : u
      case .subtraction: state.membrane[place] = fires ? u - threshold : u
      case .none: state.membrane[place] = u
      }
      state.psc[place] =
        IntegerNetwork.scaled(state.psc[place], by: neurons.synapticDecay)
        + (fires ? neurons.gain : 0)
    }
    return state.psc
  }

  /// The class of the largest score, of equals the first.
  public var prediction: Int {
    scores.indices.max { scores[$0] < scores[$1] || (scores[$0] == scores[$1] && $0 > $1) } ?? 0
  }

  /// The spikes of a layer at the last time step, `[C, H, W]`.
  public func spikes(ofLayer layer: Int) -> [Bool] {
    let shape = network.layers[layer].product.outputShape
    let pixels = shape[1] * shape[2]
    return (0..<shape[0]).flatMap { channel in
      (0..<pixels).map { states[layer].spikes[$0 * shape[0] + channel] }
    }
  }
}

extension IntegerNetwork.Product {
  /// w in the order in / groups, y, x, out.
  fileprivate var inputFirstWeights: [Int32] {
    let outputs = outputShape[0]
    let size = weights.count / outputs
    var result = [Int32](repeating: 0, count: weights.count)
    for output in 0..<outputs {
      for place in 0..<size {
        result[place * outputs + output] = Int32(weights[output * size + place])
      }
    }
    return result
  }

  /// Writes c of all values, `[H, W, C]`. Silent inputs cost nothing.
  fileprivate func add(_ values: [Int32], weights: [Int32], to currents: inout [Int32]) {
    let (channels, height, width) = (inputShape[0], inputShape[1], inputShape[2])
    let (outputs, rows, columns) = (outputShape[0], outputShape[1], outputShape[2])
    let (share, part) = (channels / groups, outputs / groups)
    for pixel in 0..<rows * columns {
      for output in 0..<outputs { currents[pixel * outputs + output] = bias[output] }
    }
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<channels {
          let value = values[(y * width + x) * channels + channel]
          guard value != 0 else { continue }
          let group = channel / share
          for row in 0..<kernel.height {
            let top = y + padding - row
            guard top >= 0, top % stride == 0, top / stride < rows else { continue }
            for column in 0..<kernel.width {
              let left = x + padding - column
              guard left >= 0, left % stride == 0, left / stride < columns else { continue }
              let place =
                ((channel % share * kernel.height + row) * kernel.width + column) * outputs
                + group * part
              let target = (top / stride * columns + left / stride) * outputs + group * part
              for output in 0..<part {
                currents[target + output] &+= weights[place + output] &* value
              }
            }
          }
        }
      }
    }
  }
}

extension IntegerNetwork.Pooling {
  /// Windows of `[H, W, C]`.
  fileprivate func pooled(_ values: [Int32], shape: [Int]) -> [Int32] {
    let (channels, rows, columns) = (shape[0], outputShape[1], outputShape[2])
    var result = [Int32](repeating: 0, count: rows * columns * channels)
    for y in 0..<rows {
      for x in 0..<columns {
        for channel in 0..<channels {
          var sum: Int32 = 0
          for row in 0..<height {
            for column in 0..<width {
              let place = ((y * height + row) * shape[2] + x * width + column) * channels + channel
              sum = isMaximum ? max(sum, values[place]) : sum + values[place]
            }
          }
          result[(y * columns + x) * channels + channel] =
            isMaximum ? sum : IntegerNetwork.scaled(sum, by: factor)
        }
      }
    }
    return result
  }
}
