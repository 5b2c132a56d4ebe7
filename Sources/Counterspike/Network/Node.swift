extension NetworkPlan {
  /// One operation of a network, and the nodes whose values it takes.
  public struct Node: Sendable, Equatable, Identifiable {
    /// What a node does with the values of its inputs, at every time step alike.
    public enum Operation: Sendable, Equatable {
      /// The samples, behind the input's synaptic filter.
      case input
      /// Currents: a convolution of a psc.
      case convolution(kernel: Int, stride: Int, padding: Int)
      /// Currents: a matrix product with a psc.
      case dense
      /// Post-synaptic currents of neurons that currents arrive at.
      case neurons(NeuronSettings, rule: GradientSettings?)
      /// Sums over windows of a psc, times a factor.
      case pooling(window: Int, factor: Float)
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

  /// A tensor that training changes.
  public struct Parameter: Sendable, Equatable, Identifiable {
    /// What a parameter is for.
    public enum Role: String, Sendable, Equatable {
      case weight
    }

    /// The node's name and the role: `conv_1.weight`.
    public let id: String
    public let role: Role
    /// The node that uses it.
    public let node: Node.ID
    /// `[out, in, kernel, kernel]` of a convolution, `[out, in]` of a dense node whose inputs are in the
    /// order C, H, W.
    public let shape: [Int]
    /// What its initial values are multiplied by.
    public let scale: Float

    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
  }
}
