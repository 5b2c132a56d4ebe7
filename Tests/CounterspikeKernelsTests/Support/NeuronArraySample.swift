import CounterspikeKernels

/// Currents and gradients `[T, N]` of neurons in a caller's memory, and what the kernels make of them.
struct NeuronArraySample {
  let neuron: NeuronCase
  let count: Int
  var currents: [Float]
  var gradient: [Float]

  init(_ neuron: NeuronCase, count: Int, seed: UInt64) {
    self.neuron = neuron
    self.count = count
    var random = RandomStream(seed: seed, purpose: .noise)
    currents = [Float](repeating: 0, count: neuron.timeSteps * count)
    for place in 0..<count {
      let series = neuron.drive.currents(
        neuron.timeSteps, timeConstant: neuron.membraneTimeConstant, &random)
      for t in 0..<neuron.timeSteps { currents[t * count + place] = Float(series[t]) }
    }
    gradient = random.normals(neuron.timeSteps * count)
  }

  func array(steps: Int? = nil) -> NeuronArray {
    NeuronArray(
      membraneDecay: 1 - 1 / neuron.membraneTimeConstant,
      synapticDecay: 1 - 1 / neuron.synapticTimeConstant, threshold: neuron.threshold,
      dynamics: neuron.dynamics, timeSteps: steps ?? neuron.timeSteps, count: count)
  }

  /// v, a and b, `[N]` each.
  struct State: Equatable {
    var membrane: [Float]
    var psc: [Float]
    var adaptation: [Float]

    init(_ count: Int) {
      membrane = Array(repeating: 0, count: count)
      psc = membrane
      adaptation = membrane
    }
  }

  /// The output of some of the steps; the state goes on.
  func forward(_ steps: Range<Int>, _ state: inout State) -> [Float] {
    var output = [Float](repeating: .nan, count: steps.count * count)
    let array = array(steps: steps.count)
    var next = State(count)
    currents.withUnsafeBufferPointer { c in
      guard let c = c.baseAddress else { return }
      next.membrane.withUnsafeMutableBufferPointer { v in
        next.psc.withUnsafeMutableBufferPointer { a in
          next.adaptation.withUnsafeMutableBufferPointer { b in
            output.withUnsafeMutableBufferPointer { output in
              guard let output = output.baseAddress else { return }
              state.membrane.withUnsafeBufferPointer { v0 in
                state.psc.withUnsafeBufferPointer { a0 in
                  state.adaptation.withUnsafeBufferPointer { b0 in
                    array.forward(
                      0..<count, currents: c + steps.lowerBound * count,
                      before: .init(
                        membrane: v0.baseAddress, psc: a0.baseAddress, adaptation: b0.baseAddress),
                      output: output,
                      after: .init(
                        membrane: v.baseAddress, psc: a.baseAddress, adaptation: b.baseAddress))
                  }
                }
              }
            }
          }
        }
      }
    }
    state = next
    return output
  }

  /// δ of the steps from `first` on, where `membrane` stands before them.
  func backward(
    _ rule: SpikeRule, from first: Int = 0, membrane: [Float]? = nil, portions: [Range<Int>]? = nil,
    sums: inout NeuronArray.ConstantGradients?
  ) -> [Float] {
    let array = array(steps: neuron.timeSteps - first)
    var deltas = [Float](repeating: .nan, count: array.timeSteps * count)
    let workspace = NeuronArray.Workspace(array)
    let membrane = membrane ?? [Float](repeating: 0, count: count)
    currents.withUnsafeBufferPointer { c in
      gradient.withUnsafeBufferPointer { g in
        membrane.withUnsafeBufferPointer { v in
          deltas.withUnsafeMutableBufferPointer { deltas in
            guard let c = c.baseAddress, let g = g.baseAddress, let deltas = deltas.baseAddress
            else { return }
            for range in portions ?? [0..<count] {
              array.backward(
                range, rule: rule, currents: c + first * count, membrane: v.baseAddress,
                gradient: g + first * count, deltas: deltas, sums: &sums, workspace: workspace)
            }
          }
        }
      }
    }
    return deltas
  }

  /// δ of all steps by one call a step from the last one down.
  func stepwise(_ rule: SpikeRule) -> [Float] {
    var states = [State(count)]
    for t in 0..<neuron.timeSteps {
      var state = states[t]
      _ = forward(t..<t + 1, &state)
      states.append(state)
    }
    let array = array(steps: 1)
    var deltas = [Float](repeating: .nan, count: currents.count)
    var carried = State(count)
    for t in (0..<neuron.timeSteps).reversed() {
      let g = (0..<count).map { gradient[t * count + $0] + carried.psc[$0] }
      var next = State(count)
      currents.withUnsafeBufferPointer { c in
        deltas.withUnsafeMutableBufferPointer { deltas in
          guard let c = c.baseAddress, let deltas = deltas.baseAddress else { return }
          next.membrane.withUnsafeMutableBufferPointer { v in
            next.psc.withUnsafeMutableBufferPointer { a in
              next.adaptation.withUnsafeMutableBufferPointer { b in
                withUnsafePointers(states[t]) { before in
                  withUnsafePointers(carried) { after in
                    g.withUnsafeBufferPointer { g in
                      guard let g = g.baseAddress else { return }
                      array.backwardStep(
                        0..<count, rule: rule, currents: c + t * count, before: before,
                        gradient: g, after: after, deltas: deltas + t * count,
                        result: .init(
                          membrane: v.baseAddress, psc: a.baseAddress, adaptation: b.baseAddress))
                    }
                  }
                }
              }
            }
          }
        }
      }
      carried = next
    }
    return deltas
  }

  private func withUnsafePointers(_ state: State, _ body: (NeuronArray.Given) -> Void) {
    state.membrane.withUnsafeBufferPointer { v in
      state.psc.withUnsafeBufferPointer { a in
        state.adaptation.withUnsafeBufferPointer { b in
          body(.init(membrane: v.baseAddress, psc: a.baseAddress, adaptation: b.baseAddress))
        }
      }
    }
  }

  /// Output and δ, where the first step's currents are those of all steps: given once, or at every step.
  func still(_ rule: SpikeRule, isRepeated: Bool) -> (output: [Float], deltas: [Float]) {
    var array = array()
    array.repeatsCurrents = isRepeated
    let plane = Array(currents[..<count])
    let given = isRepeated ? plane : (0..<neuron.timeSteps).flatMap { _ in plane }
    var output = [Float](repeating: .nan, count: currents.count)
    var deltas = [Float](repeating: .nan, count: given.count)
    var sums: NeuronArray.ConstantGradients?
    given.withUnsafeBufferPointer { c in
      gradient.withUnsafeBufferPointer { g in
        output.withUnsafeMutableBufferPointer { output in
          deltas.withUnsafeMutableBufferPointer { deltas in
            guard let c = c.baseAddress, let g = g.baseAddress,
              let output = output.baseAddress, let deltas = deltas.baseAddress
            else { return }
            array.forward(
              0..<count, currents: c, before: .init(), output: output, after: .init())
            array.backward(
              0..<count, rule: rule, currents: c, membrane: nil, gradient: g, deltas: deltas,
              sums: &sums, workspace: NeuronArray.Workspace(array))
          }
        }
      }
    }
    return (output, deltas)
  }

  /// The series of neuron `place`.
  func series(_ values: [Float], _ place: Int) -> [Double] {
    stride(from: place, to: values.count, by: count).map { Double(values[$0]) }
  }
}
