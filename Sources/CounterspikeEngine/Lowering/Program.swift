package import CounterspikeKernels
package import CounterspikeNetwork
internal import CounterspikeSettings

/// How a network is computed: steps over buffers, in order; backward in the reverse order.
///
/// Neurons, the pooling behind them and the dropout behind that are one step, as long as nothing else
/// takes the values in between. Where one step alone takes a value, the value's buffer takes its gradient
/// in the backward pass: currents are overwritten by δ, and what a product has taken, once its weight
/// gradient is known, by the gradient with respect to it. Where several do, the gradient has a buffer of
/// its own: the last of them, which is the first on the way back, writes there, the others add.
package struct Program: Sendable {
  /// Floats that each worker keeps for one micro-batch.
  package struct Buffer: Sendable, Equatable {
    /// Whose value it holds.
    let name: String
    let count: Int
    /// Equal parts, one a time step, of which each has a part for every row; 1 where one stands for all.
    package let planes: Int
  }

  package enum Step: Sendable {
    case convolution(Product)
    case dense(Product)
    case bias(Bias)
    case expansion(Expansion)
    case copy(Copy)
    case normalization(Normalization)
    case sum(Sum)
    case pooling(Pooling)
    case dropout(Dropout)
    case delay(Delay)
    case own(OwnLayer)
    case neurons(Neurons)
  }

  /// Where the gradient with respect to a step's input goes.
  struct Target: Sendable, Equatable {
    let buffer: Int
    /// Whether it is added to what is there.
    let adds: Bool
  }

  /// A value, and the gradient with respect to it, by their buffers.
  package struct Place: Sendable, Equatable {
    package let value: Int
    let gradient: Int
  }

  /// Weights and what they multiply.
  package struct Product: Sendable {
    /// The place among the plan's parameters.
    package let parameter: Int
    /// The layer that its time is counted for.
    let stage: Int
    package let layout: ProductLayout
    /// A buffer.
    package let input: Int
    package let output: Place
    /// `nil` where nothing trains before it.
    let target: Target?
    /// A buffer for a gradient that is to be added.
    let temporary: Int?
  }

  /// A bias for each channel, added in place.
  package struct Bias: Sendable {
    let parameter: Int
    let stage: Int
    let planes: ChannelPlanes
    let value: Place
    /// A buffer of one number a channel.
    let scratch: Int
  }

  /// One plane into all time steps.
  package struct Expansion: Sendable {
    let stage: Int
    let planes: ChannelPlanes
    /// One a time step.
    let factors: [Float]
    /// A buffer.
    package let input: Int
    package let output: Place
  }

  /// The same values for a step that overwrites them.
  package struct Copy: Sendable {
    let stage: Int
    /// A buffer.
    let input: Int
    let output: Place
    let target: Target
  }

  package struct Normalization: Sendable {
    let name: String
    let stage: Int
    let planes: ChannelPlanes
    /// Places among the plan's parameters.
    let scale: Int
    let shift: Int
    /// θ
    let threshold: Float
    /// Where mean and variance stand among the statistics.
    let mean: Int
    let variance: Int
    /// A buffer.
    let input: Int
    let output: Place
    let target: Target
    /// A buffer of ``NormalizationPass/rows`` numbers a channel.
    let scratch: Int
    /// Whether training takes the statistics of the micro-batch.
    let isTraining: Bool
  }

  package struct Sum: Sendable {
    let stage: Int
    /// Buffers.
    let inputs: [Int]
    let output: Place
    let targets: [Target]
  }

  package struct Pooling: Sendable {
    let stage: Int
    let windows: PoolingWindows
    /// A buffer.
    let input: Int
    let output: Place
    let target: Target
  }

  package struct Dropout: Sendable {
    let stage: Int
    let node: Int
    let planes: ChannelPlanes
    let probability: Float
    let shape: [Int]
    /// A buffer.
    let input: Int
    let output: Place
    let target: Target
    /// The buffer of the mask; `nil` where nothing is trained.
    let mask: Int?
  }

  package struct Delay: Sendable {
    let stage: Int
    package let planes: ChannelPlanes
    package let delay: NetworkPlan.Delay
    /// The number of channels, padding left out.
    let channels: Int
    /// The place among the plan's parameters, where each channel has its own delay.
    let parameter: Int?
    /// A buffer.
    package let input: Int
    package let output: Place
    let target: Target
    /// The buffer of each channel's delay.
    let delays: Int
  }

  /// A layer of a program's own.
  package struct OwnLayer: Sendable {
    let stage: Int
    let name: String
    let model: any LayerModel
    let places: LayerPlaces
    /// Rows of the micro-batch.
    let rows: Int
    /// What a static input is multiplied by, or ones, one a time step.
    let factors: [Float]
    /// Whether one plane of the input stands for all time steps.
    let isStill: Bool
    /// The place of its weights among the plan's parameters, if it has such.
    package let parameter: Int?
    /// A buffer.
    let input: Int
    let output: Place
    /// `nil` where nothing trains before it.
    let target: Target?
    /// A buffer of two planes of the input.
    let room: Int
  }

  /// Neurons with their pooling and dropout.
  package struct Neurons: Sendable {
    let stage: Int
    package let layout: StageLayout
    package let layer: NeuronLayer
    /// Buffers: of the currents, which become δ, and of the dropout mask in training.
    package let currents: Int
    package let output: Place
    let mask: Int?
    /// Trained constants, and their places among the plan's parameters.
    let constants: [(constant: NeuronSettings.TrainedConstant, parameter: Int)]
    /// The buffer of their gradients by channel, where there are any.
    let sums: Int?
    /// The buffer of m, d and θ of each channel, where channels have constants of their own.
    let constantsByChannel: Int?
    let kind: Kind

    /// The neurons, if they are a program's own.
    package var external: ExternalNeurons? {
      switch kind {
      case .external(let neurons, _): neurons
      case .recurrent(_, _, _, let external): external
      case .spiking, .readout: nil
      }
    }

    enum Kind: Sendable {
      case spiking
      /// V, by its place among the plan's parameters, buffers of the states and of the way back, and the neurons, if
      /// they are a program's own.
      case recurrent(parameter: Int, states: Int, room: Int, external: ExternalNeurons?)
      case readout
      /// Of a program's own, and the buffer that their pass needs.
      case external(ExternalNeurons, room: Int)
    }
  }

  package let buffers: [Buffer]
  /// The buffer of the input.
  let input: Int
  package let steps: [Step]
}

extension Program.Step {
  /// The layer that the step is counted for: never before that of the values it takes.
  var stage: Int {
    switch self {
    case .convolution(let step), .dense(let step): step.stage
    case .bias(let step): step.stage
    case .expansion(let step): step.stage
    case .copy(let step): step.stage
    case .normalization(let step): step.stage
    case .sum(let step): step.stage
    case .pooling(let step): step.stage
    case .dropout(let step): step.stage
    case .delay(let step): step.stage
    case .own(let step): step.stage
    case .neurons(let step): step.stage
    }
  }

  /// The buffers that the forward pass reads.
  var reads: [Int] {
    switch self {
    case .convolution(let step), .dense(let step): [step.input]
    case .bias(let step): [step.value.value]
    case .expansion(let step): [step.input]
    case .copy(let step): [step.input]
    case .normalization(let step): [step.input]
    case .sum(let step): step.inputs
    case .pooling(let step): [step.input]
    case .dropout(let step): [step.input]
    case .delay(let step): [step.input]
    case .own(let step): [step.input]
    case .neurons(let step): [step.currents]
    }
  }

  /// The buffer that the forward pass writes.
  var writes: Int {
    switch self {
    case .convolution(let step), .dense(let step): step.output.value
    case .bias(let step): step.value.value
    case .expansion(let step): step.output.value
    case .copy(let step): step.output.value
    case .normalization(let step): step.output.value
    case .sum(let step): step.output.value
    case .pooling(let step): step.output.value
    case .dropout(let step): step.output.value
    case .delay(let step): step.output.value
    case .own(let step): step.output.value
    case .neurons(let step): step.output.value
    }
  }
}

extension Program {
  /// The buffers that steps from layer `stage` on read before any of them writes there: what must stand
  /// there when a way through the network begins with that layer. Behind the last, the loss reads the last
  /// step's result.
  package func buffersRead(from stage: Int) -> [Int] {
    var (read, written): ([Int], Set<Int>) = ([], [])
    for step in steps where step.stage >= stage {
      for buffer in step.reads where !written.contains(buffer) && !read.contains(buffer) {
        read.append(buffer)
      }
      written.insert(step.writes)
    }
    if let last = steps.last?.writes, !written.contains(last) { read.append(last) }
    return read
  }
}
