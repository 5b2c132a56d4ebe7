import CounterspikeKernels
import Testing

@Suite("Neurons over arrays of a caller, with an output that is pooled")
struct PooledNeuronArrayTests {
  typealias Windows = PooledNeuronArray.Windows

  /// Windows, and how many strips of them.
  static let shapes: [(windows: Windows, strips: Int)] = [
    (Windows(height: 2, width: 2, columns: 24, channels: 1, factor: 1), 45),
    (Windows(height: 2, width: 2, columns: 6, channels: 15, factor: 0.25), 7),
    (Windows(height: 3, width: 3, columns: 9, channels: 1, factor: 1.0 / 9), 11),
    (Windows(height: 1, width: 5, columns: 5, channels: 3, factor: 0.2), 13),
    (Windows(height: 4, width: 1, columns: 7, channels: 2, factor: 1), 3),
    (Windows(height: 1, width: 1, columns: 3, channels: 1, factor: -2), 5),
    // A strip that is larger than what is taken at a time.
    (Windows(height: 2, width: 2, columns: 64, channels: 40, factor: 1), 2),
    (Windows(height: 2, width: 4, columns: 8, channels: 700, factor: 1), 2),
    (Windows(height: 2, width: 2, columns: 64, channels: 39, factor: 1), 3),
    // Windows that a layer has, with and without unused channels.
    (Windows(height: 2, width: 2, columns: 8, channels: 40, factor: 1), 13),
    (Windows(height: 3, width: 3, columns: 9, channels: 16, factor: 0.5), 5),
    (Windows(height: 2, width: 2, columns: 6, channels: 5, factor: 1), 9),
  ]

  static let neurons = [
    NeuronCase(timeSteps: 5, drive: .mixed),
    NeuronCase(timeSteps: 21, drive: .mixed),
    NeuronCase(synapticTimeConstant: 1, timeSteps: 7, drive: .mixed),
  ]

  @Test("it is the output of neurons without windows, pooled", arguments: shapes.indices, neurons)
  func forward(shape: Int, neuron: NeuronCase) {
    let sample = PooledSample(neuron, Self.shapes[shape])
    for repeats in [false, true] {
      let all = sample.plainForward(repeats: repeats)
      let found = sample.forward(repeats: repeats)
      let expected = sample.pooled(all.output)
      #expect(largestDifference(found.output, expected) < 1e-5)
      #expect(found.state == all.state)
      let shared = sample.forward(repeats: repeats, divided: true)
      #expect(shared.output == found.output && shared.state == found.state)
      let fromRest = sample.pooled(sample.plainForward(repeats: repeats, hasState: false).output)
      for divided in [false, true] {
        let found = sample.forward(repeats: repeats, divided: divided, hasState: false).output
        #expect(largestDifference(found, fromRest) < 1e-5)
      }
    }
  }

  @Test(
    "its gradient is that of neurons without windows, with each one's error",
    arguments: shapes.indices, neurons)
  func backward(shape: Int, neuron: NeuronCase) throws {
    let sample = PooledSample(neuron, Self.shapes[shape])
    for rule in NeuronArrayTests.rules where rule.covers(neuron.dynamics) {
      for repeats in [false, true] {
        var expectedSums: NeuronArray.ConstantGradients? = .init()
        var sums: NeuronArray.ConstantGradients? = .init()
        let expected = sample.plainBackward(rule, repeats: repeats, sums: &expectedSums)
        let found = sample.backward(rule, repeats: repeats, sums: &sums)
        #expect(found == expected, "\(rule)")
        let (one, other) = (try #require(sums), try #require(expectedSums))
        let size = max(1, abs(other.membraneDecay) + abs(other.threshold))
        #expect(abs(one.membraneDecay - other.membraneDecay) < 1e-4 * size)
        #expect(abs(one.threshold - other.threshold) < 1e-4 * size)
        var none: NeuronArray.ConstantGradients?
        let alone = sample.backward(rule, repeats: repeats, divided: true, sums: &none)
        #expect(
          relativeDifference(alone, expected.map { Double($0) }) < 1e-5 && none == nil, "\(rule)")
      }
    }
  }
}

/// Neurons in windows, and what becomes of them with and without.
struct PooledSample {
  let neuron: NeuronCase
  let windows: PooledNeuronArray.Windows
  let array: NeuronArray
  let pooled: PooledNeuronArray
  var currents: [Float]
  var membrane: [Float]
  var gradient: [Float]

  init(_ neuron: NeuronCase, _ shape: (windows: PooledNeuronArray.Windows, strips: Int)) {
    self.neuron = neuron
    windows = shape.windows
    array = NeuronArray(
      membraneDecay: 1 - 1 / neuron.membraneTimeConstant,
      synapticDecay: 1 - 1 / neuron.synapticTimeConstant, threshold: neuron.threshold,
      dynamics: neuron.dynamics, timeSteps: neuron.timeSteps,
      count: shape.strips * shape.windows.strip)
    pooled = PooledNeuronArray(array, shape.windows)
    var random = RandomStream(seed: 51, purpose: .noise)
    currents = random.normals(neuron.timeSteps * array.count).map { 0.2 + 0.7 * $0 }
    membrane = random.normals(array.count)
    gradient = random.normals(neuron.timeSteps * pooled.outputCount)
  }

  /// Where the window of each of a step's neurons lies in the output.
  var places: [Int] {
    let w = windows
    return (0..<array.count).map { neuron in
      let (pixel, channel) = (neuron / w.channels, neuron % w.channels)
      let (row, column) = (pixel / w.columns, pixel % w.columns)
      return ((row / w.height) * (w.columns / w.width) + column / w.width) * w.channels + channel
    }
  }

  func pooled(_ output: [Float]) -> [Double] {
    let places = self.places
    var result = [Double](repeating: 0, count: neuron.timeSteps * pooled.outputCount)
    for t in 0..<neuron.timeSteps {
      for (index, place) in places.enumerated() {
        result[t * pooled.outputCount + place] +=
          Double(windows.factor) * Double(output[t * array.count + index])
      }
    }
    return result
  }

  typealias Output = (output: [Float], state: [Float])

  func plainForward(repeats: Bool, hasState: Bool = true) -> Output {
    run(repeats, hasState, outputs: array.count) { array, currents, before, output, after in
      array.forward(
        0..<array.count, currents: currents, before: before, output: output, after: after)
    }
  }

  /// - Parameters:
  ///   - divided: one tile a call, from the last one on.
  ///   - hasState: there is a state before, and one behind is asked for.
  func forward(repeats: Bool, divided: Bool = false, hasState: Bool = true) -> Output {
    run(repeats, hasState, outputs: pooled.outputCount) { array, currents, before, output, after in
      let pooled = PooledNeuronArray(array, windows)
      let workspace = NeuronArray.Workspace(array, neurons: pooled.tileSize)
      for tiles in calls(divided) {
        pooled.forward(
          tiles, currents: currents, before: before, output: output, after: after,
          workspace: workspace)
      }
    }
  }

  private func calls(_ divided: Bool) -> [Range<Int>] {
    divided ? (0..<pooled.tileCount).reversed().map { $0..<$0 + 1 } : [0..<pooled.tileCount]
  }

  private func run(
    _ repeats: Bool, _ hasState: Bool, outputs: Int,
    _ body: (
      NeuronArray, UnsafePointer<Float>, NeuronArray.Given, UnsafeMutablePointer<Float>,
      NeuronArray.Written
    ) -> Void
  ) -> Output {
    var array = array
    array.repeatsCurrents = repeats
    var output = [Float](repeating: .nan, count: neuron.timeSteps * outputs)
    var state = [Float](repeating: .nan, count: 2 * array.count)
    currents.withUnsafeBufferPointer { c in
      membrane.withUnsafeBufferPointer { v in
        output.withUnsafeMutableBufferPointer { output in
          state.withUnsafeMutableBufferPointer { state in
            guard let c = c.baseAddress, let output = output.baseAddress,
              let state = state.baseAddress
            else { return }
            guard hasState else { return body(array, c, .init(), output, .init()) }
            body(
              array, c, NeuronArray.Given(membrane: v.baseAddress), output,
              NeuronArray.Written(membrane: state, psc: state + array.count))
          }
        }
      }
    }
    return (output, state)
  }

  func plainBackward(
    _ rule: SpikeRule, repeats: Bool, sums: inout NeuronArray.ConstantGradients?
  ) -> [Float] {
    let places = self.places
    let errors = (0..<neuron.timeSteps).flatMap { t in
      places.map { windows.factor * gradient[t * pooled.outputCount + $0] }
    }
    return run(repeats, errors, &sums) { array, c, v, g, deltas, sums in
      array.backward(
        0..<array.count, rule: rule, currents: c, membrane: v, gradient: g, deltas: deltas,
        sums: &sums, workspace: NeuronArray.Workspace(array))
    }
  }

  func backward(
    _ rule: SpikeRule, repeats: Bool, divided: Bool = false,
    sums: inout NeuronArray.ConstantGradients?
  ) -> [Float] {
    run(repeats, gradient, &sums) { array, c, v, g, deltas, sums in
      let pooled = PooledNeuronArray(array, windows)
      let workspace = NeuronArray.Workspace(array, neurons: pooled.tileSize)
      for tiles in calls(divided) {
        pooled.backward(
          tiles, rule: rule, currents: c, membrane: v, gradient: g, deltas: deltas, sums: &sums,
          workspace: workspace)
      }
    }
  }

  private func run(
    _ repeats: Bool, _ gradient: [Float], _ sums: inout NeuronArray.ConstantGradients?,
    _ body: (
      NeuronArray, UnsafePointer<Float>, UnsafePointer<Float>?, UnsafePointer<Float>,
      UnsafeMutablePointer<Float>, inout NeuronArray.ConstantGradients?
    ) -> Void
  ) -> [Float] {
    var array = array
    array.repeatsCurrents = repeats
    var deltas = [Float](repeating: .nan, count: repeats ? array.count : currents.count)
    currents.withUnsafeBufferPointer { c in
      membrane.withUnsafeBufferPointer { v in
        gradient.withUnsafeBufferPointer { g in
          deltas.withUnsafeMutableBufferPointer { deltas in
            guard let c = c.baseAddress, let g = g.baseAddress, let deltas = deltas.baseAddress
            else { return }
            body(array, c, repeats ? nil : v.baseAddress, g, deltas, &sums)
          }
        }
      }
    }
    return deltas
  }
}
