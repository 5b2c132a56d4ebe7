public import CounterspikeSettings

extension NetworkPlan {
  /// One operation of a network, and the nodes whose values it takes.
  public struct Node: Sendable, Equatable, Identifiable {
    /// What a node does with the values of its inputs, at every time step alike.
    public enum Operation: Sendable, Equatable {
      /// The samples, behind the input's synaptic filter.
      case input
      /// Currents: a convolution of a psc, with a bias for each channel where the node has one. Each of
      /// several groups sees and makes its own share of the channels.
      case convolution(kernel: Int, stride: Int, padding: Int, groups: Int)
      /// Currents: a matrix product with a psc, with a bias for each neuron where the node has one.
      case dense
      /// γ·θ·(c − mean)/√(variance + ε) + β of currents c, by channel.
      case normalization(Normalization)
      /// The sum of its inputs' values, which have one shape: all currents, or all psc.
      case sum
      /// A layer of a program's own, see ``LayerRegistry``: currents where neurons follow, or what the next layer
      /// sees.
      case registered(RegisteredPiece, fires: Bool)
      /// Post-synaptic currents of neurons that currents arrive at, or what a readout gives.
      case neurons(NeuronSettings, rule: GradientSettings?, kind: NeuronKind)
      /// Windows of a psc, each made one value.
      case pooling(Pooling)
      /// A psc, later.
      case delay(Delay)
      /// Whole values of a psc are dropped in training, at all time steps alike.
      case dropout(probability: Float)
    }

    /// The place in ``NetworkPlan/nodes``.
    public let id: Int
    /// Unique in its network: `conv_1`, `conv_1.neurons`, `pooling_1`, `output`, ….
    public let name: String
    public let operation: Operation
    /// Places of other nodes, all smaller than ``id``.
    public let inputs: [Int]
    /// Shape of the value at one time step, `[C, H, W]`; `[N, 1, 1]` of a dense layer.
    public let shape: [Int]
  }

  /// What neurons give to others, and to each other.
  public enum NeuronKind: Sendable, Equatable {
    /// The psc of their spikes.
    case spiking
    /// The psc of their spikes, which they take themselves one step later: c[t] += V·a[t−1], V the
    /// lateral weights.
    case recurrent
    /// Their membrane potential: leaky integrators that never fire.
    case readout
  }

  /// Windows that do not overlap; rows and columns that fill none are left out.
  public struct Pooling: Sendable, Equatable {
    public typealias Kind = LayerSettings.PoolingKind

    public let kind: Kind
    public let height: Int
    public let width: Int
    /// What sums are multiplied by: the factor of sums, 1 by the window's size of averages.
    public let factor: Float
  }

  /// Delays of axons: each channel's psc arrives `D` time steps later,
  ///
  ///     (1 − f)·a[t − n] + f·a[t − n − 1]        D = n + f
  ///
  /// with whole n and f in 0 ..< 1. Where each channel has its own delay, the parameter `delay` holds D as a
  /// share of ``longest``, in 0 … 1; what training moves out of it counts as its end.
  public struct Delay: Sendable, Equatable {
    /// In time steps, ≥ 0: the delay of all channels, or the most that one can have.
    public let longest: Float
    /// Whether each channel has its own, drawn from 0 … ``longest``.
    public let isDrawn: Bool
    /// Whether training changes them.
    public let isTrained: Bool

    /// Whether each channel has its own.
    public var isParameter: Bool { isDrawn || isTrained }
  }

  /// Batch normalization. In training mean and variance are those of the micro-batch, over its samples,
  /// time steps and pixels; otherwise the running ones, see ``NetworkPlan/statistics``.
  public struct Normalization: Sendable, Equatable {
    /// θ, the threshold of the neurons behind it.
    public let threshold: Float
    /// ε
    public static let epsilon: Float = 1e-5
    /// The share of a micro-batch in the running mean and variance.
    public static let momentum: Float = 0.1
  }

  /// A tensor that training changes.
  public struct Parameter: Sendable, Equatable, Identifiable {
    /// What a parameter is for.
    public enum Role: String, Sendable, Equatable {
      case weight
      /// V of recurrent neurons.
      case lateral
      /// What is added to currents, one a channel.
      case bias
      /// γ of a normalization.
      case scale
      /// β of a normalization.
      case shift
      /// Delays of each channel, see ``Delay``.
      case delay
      /// Of a layer's neurons or of each channel's, by way of a number, see ``NeuronSettings/TrainedConstant``.
      case membraneTimeConstant, synapticTimeConstant, threshold
    }

    /// The node's name and the role: `conv_1.weight`.
    public let id: String
    public let role: Role
    /// The node that uses it.
    public let node: Node.ID
    /// `[out, in / groups, kernel, kernel]` of a convolution's weights, `[out, in]` of those of a dense node
    /// whose inputs are in the order C, H, W; `[N, N]`, target by source, of lateral weights; `[C]` of biases,
    /// scales and shifts, `[1]` or `[C]` of neurons' constants.
    public let shape: [Int]
    /// What its initial values are multiplied by.
    public let scale: Float

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
    /// Whether weight decay, and the bound `optimizer.weightClamp`, apply.
    public var isDecayed: Bool { role == .weight || role == .lateral }
  }

  /// Numbers that training keeps, but that no gradient changes: a normalization's running mean or
  /// variance.
  public struct Statistic: Sendable, Equatable, Identifiable {
    public enum Role: String, Sendable, Equatable, CaseIterable {
      case mean
      case variance
    }

    /// The node's name and the role: `conv_1.normalization.mean`.
    public let id: String
    public let role: Role
    /// The normalization.
    public let node: Node.ID
    /// The number of channels.
    public let count: Int

    /// The value before any step.
    public var initialValue: Float { role == .mean ? 0 : 1 }
  }
}
