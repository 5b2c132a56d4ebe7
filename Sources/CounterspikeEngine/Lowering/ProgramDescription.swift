internal import CounterspikeKernels
internal import CounterspikeNetwork
internal import CounterspikeSettings

/// A program in words: its steps in order, and the memory that a worker has for each.
package struct ProgramDescription: Sendable, Equatable {
  package struct Step: Sendable, Equatable {
    /// `convolution`, `neurons`, ….
    package let kind: String
    /// The buffers that the forward pass reads, and the one that it writes.
    package let reads: [String]
    package let writes: String
    /// Of the buffer that it writes.
    package let bytes: Int
    /// Where the gradient with respect to what it reads goes on the way back; `nil`: nowhere.
    package let gradient: String?
  }

  package let microBatch: Int
  package let steps: [Step]
  /// Of all buffers of a worker.
  package let bytes: Int
}

extension EnginePlan {
  /// What a worker does with a micro-batch.
  package var program: ProgramDescription {
    let program = runner.program
    func name(_ buffer: Int) -> String { program.buffers[buffer].name }
    return ProgramDescription(
      microBatch: microBatch,
      steps: program.steps.map { step in
        ProgramDescription.Step(
          kind: step.kind, reads: step.reads.map(name), writes: name(step.writes),
          bytes: program.buffers[step.writes].count * MemoryLayout<Float>.stride,
          gradient: step.targets.isEmpty
            ? nil
            : step.targets.map { ($0.adds ? "+ " : "") + name($0.buffer) }
              .joined(separator: ", "))
      },
      bytes: runner.bytes)
  }
}

extension Program.Step {
  fileprivate var kind: String {
    switch self {
    case .convolution: "convolution"
    case .dense: "matrix product"
    case .bias: "bias"
    case .expansion: "expansion to all steps"
    case .copy: "copy"
    case .normalization: "normalization"
    case .sum: "sum"
    case .pooling: "pooling"
    case .dropout: "dropout"
    case .delay: "delay"
    case .own(let step): "layer \(step.name)"
    case .neurons(let step):
      switch step.kind {
      case .readout: "readout"
      case .recurrent: "recurrent neurons"
      case .external: "neurons \(step.layout.stage.neuron.model.rawValue)" + step.behind
      case .spiking: "neurons" + step.behind
      }
    }
  }

  /// Where gradients go on the way back.
  fileprivate var targets: [Program.Target] {
    switch self {
    case .convolution(let step), .dense(let step): step.target.map { [$0] } ?? []
    case .bias: []
    case .expansion(let step): [Program.Target(buffer: step.input, adds: false)]
    case .copy(let step): [step.target]
    case .normalization(let step): [step.target]
    case .sum(let step): step.targets
    case .pooling(let step): [step.target]
    case .dropout(let step): [step.target]
    case .delay(let step): [step.target]
    case .own(let step): step.target.map { [$0] } ?? []
    case .neurons(let step): [Program.Target(buffer: step.currents, adds: false)]
    }
  }
}

extension Program.Neurons {
  /// What the pass does behind the neurons.
  fileprivate var behind: String {
    (layout.stage.pooling == nil ? "" : ", pooling") + (layout.stage.dropout > 0 ? ", dropout" : "")
  }
}
