public import CounterspikeSystem

/// The network: its layers, its time steps and what its neurons have in common.
public struct NetworkSettings: Sendable, Equatable {
  /// The layers from input to output; in a recipe either the papers' notation
  /// (`15C5-P2-40C5-P2-300-10`) or a list with settings for each layer.
  public var layers: [LayerSettings] = LayerNotation.paperMNIST
  /// T, the number of time steps that a sample is shown.
  public var timeSteps = 5
  /// The neurons of every layer that has none of its own.
  public var neuron = NeuronSettings()
  /// What a pooling layer multiplies its sums by, unless it has a factor of its own.
  public var poolingFactor: Float = 1.1
  /// What initial weights are multiplied by, unless a layer has a scale of its own.
  public var weightScale: Float = 1
  /// Whether currents have a bias for each channel, unless a layer says so itself.
  public var bias = false
  /// Whether the currents of convolutions are normalized, unless a layer says so itself.
  public var normalization = false
  /// What convolutions multiply.
  public var precision = Precision.float32

  /// The numbers that convolutions multiply. Weights, gradients, membranes and sums are float32
  /// with either, and so are dense layers, the convolution of a static input, which is made once for
  /// all time steps, and one with a kernel of one pixel on a spike train of an odd number of channels.
  public enum Precision: String, Sendable, Equatable, CaseIterable {
    case float32
    /// Weights, psc and errors are rounded to 8 significant bits (a relative error of at most
    /// 2⁻⁸) before they are multiplied: a product takes half the time on processors that have such.
    case bfloat16
  }

  public init() {}

  /// - Throws: `invalidRecipe` when `notation` is not a network, see ``LayerNotation``.
  public init(_ notation: String, timeSteps: Int = 5, neuron: NeuronSettings = NeuronSettings())
    throws(CounterspikeError)
  {
    self.layers = try LayerNotation.parse(notation)
    self.timeSteps = timeSteps
    self.neuron = neuron
  }
}

extension NetworkSettings {
  /// The neurons of a layer: the network's, with what the layer has of its own.
  package func neuron(of layer: LayerSettings) -> NeuronSettings {
    var neuron = neuron
    if let model = layer.model, model != neuron.model {
      neuron.model = model
      neuron.modelSettings = [:]
    }
    neuron.modelSettings.merge(layer.modelSettings) { $1 }
    neuron.membraneTimeConstant = layer.membraneTimeConstant ?? neuron.membraneTimeConstant
    neuron.synapticTimeConstant = layer.synapticTimeConstant ?? neuron.synapticTimeConstant
    neuron.threshold = layer.threshold ?? neuron.threshold
    neuron.reset = layer.reset ?? neuron.reset
    neuron.adaptation = layer.adaptation ?? neuron.adaptation
    neuron.trained = layer.trained ?? neuron.trained
    neuron.trainedPer = layer.trainedPer ?? neuron.trainedPer
    return neuron
  }
}

/// One layer, with the settings that only it has.
public struct LayerSettings: Sendable, Equatable {
  public enum Kind: Sendable, Hashable {
    /// `15C5`: a convolution and its neurons.
    case convolution
    /// `300`: a dense layer and its neurons.
    case dense
    /// A dense layer whose neurons take their own psc, too, one step later.
    case recurrent
    /// At the end: a dense layer whose neurons do not fire, and give their membrane potential.
    case readout
    /// `P2`: the sum over windows of the psc; no neurons, no weights.
    case pooling
    /// `D0.2`: drops whole values of the psc in training, at all time steps alike.
    case dropout
    /// What arrives some time steps later.
    case delay
    /// Layers whose result is added to what goes past them.
    case residual
    /// A layer of a program's own, see ``LayerRegistry``, by its name.
    case registered(String)
  }

  /// What a pooling layer makes of a window.
  public enum PoolingKind: String, Sendable, Equatable, CaseIterable {
    case sum
    case average
    case maximum
  }

  /// How the delays of a delay layer begin.
  public enum DelayStart: String, Sendable, Equatable, CaseIterable {
    /// All channels have the same.
    case equal
    /// Each channel's is drawn from 0 … `steps`.
    case random
  }

  /// What goes past the layers of a residual block.
  public enum Shortcut: String, Sendable, Equatable, CaseIterable {
    /// The block's input as it is.
    case identity
    /// A convolution with a kernel of one pixel, for other channels or another stride; normalized as the
    /// network's convolutions are.
    case convolution
  }

  /// What a residual block adds up.
  public enum Join: String, Sendable, Equatable, CaseIterable {
    /// The psc of the last layer's neurons and that of the shortcut.
    case psc
    /// The currents of the last layer's neurons and those of the shortcut.
    case current
  }

  public var kind: Kind
  /// What the layer is called; `nil`: by its kind and a number, `conv_1`.
  public var name: String?
  /// The names of the layers whose psc it takes, added up where there are several; `nil`: the layer before.
  public var inputs: [String]?
  /// Channels of a convolution or neurons of a layer.
  public var size = 0
  /// Width and height of a convolution's kernel, or of a pooling window.
  public var kernel = 0
  /// Distance of a convolution's neighbouring windows.
  public var stride = 1
  /// Zeros around a convolution's input, on every side.
  public var padding = 0
  /// Groups of a convolution's channels, each of which sees and makes its own share of them.
  public var groups = 1
  /// Probability that dropout drops a value, in 0 ..< 1.
  public var probability: Float = 0
  /// Time steps of a delay, ≥ 0; the longest one where each channel has its own.
  public var steps: Float = 0
  /// How delays begin; equal ones that training changes begin with half of ``steps``.
  public var start = DelayStart.equal
  /// Whether training changes the delays, each channel's for itself.
  public var learned = false
  /// Neurons of this layer alone.
  public var model: NeuronSettings.Model?
  /// Settings of this layer's registered neurons, over the network's.
  public package(set) var modelSettings: [String: Double] = [:]
  public var membraneTimeConstant: Float?
  public var synapticTimeConstant: Float?
  public var threshold: Float?
  public var reset: NeuronSettings.Reset?
  public var adaptation: AdaptationSettings?
  public var trained: [NeuronSettings.TrainedConstant]?
  public var trainedPer: NeuronSettings.TrainedUnit?
  /// Settings of a registered layer that are not as its defaults.
  public package(set) var ownSettings: [String: Double] = [:]
  /// Scale of this layer's initial weights.
  public var weightScale: Float?
  /// The rule of this layer's neurons alone, all its settings included.
  public var gradient: GradientSettings?
  /// Factor of this pooling layer.
  public var factor: Float?
  /// What a pooling layer makes of a window.
  public var by = PoolingKind.sum
  /// Whether one window of a pooling layer is the whole picture.
  public var global = false
  /// Whether this layer's currents have a bias for each channel.
  public var bias: Bool?
  /// Whether this layer's currents are normalized.
  public var normalization: Bool?
  /// The layers of a residual block.
  public var layers: [LayerSettings] = []
  /// What goes past them.
  public var shortcut = Shortcut.identity
  /// What is added up at their end.
  public var join = Join.psc

  public init(_ kind: Kind) { self.kind = kind }

  public static func convolution(
    _ channels: Int, kernel: Int, stride: Int = 1, padding: Int = 0
  ) -> LayerSettings {
    var layer = LayerSettings(.convolution)
    layer.size = channels
    layer.kernel = kernel
    layer.stride = stride
    layer.padding = padding
    return layer
  }

  public static func dense(_ neurons: Int) -> LayerSettings {
    var layer = LayerSettings(.dense)
    layer.size = neurons
    return layer
  }

  public static func recurrent(_ neurons: Int) -> LayerSettings {
    var layer = LayerSettings(.recurrent)
    layer.size = neurons
    return layer
  }

  public static func readout(_ neurons: Int) -> LayerSettings {
    var layer = LayerSettings(.readout)
    layer.size = neurons
    return layer
  }

  public static func pooling(_ window: Int) -> LayerSettings {
    var layer = LayerSettings(.pooling)
    layer.kernel = window
    return layer
  }

  public static func delay(_ steps: Float) -> LayerSettings {
    var layer = LayerSettings(.delay)
    layer.steps = steps
    return layer
  }

  public static func dropout(_ probability: Float) -> LayerSettings {
    var layer = LayerSettings(.dropout)
    layer.probability = probability
    return layer
  }

  public static func residual(
    _ layers: [LayerSettings], shortcut: Shortcut = .identity, join: Join = .psc
  ) -> LayerSettings {
    var layer = LayerSettings(.residual)
    layer.layers = layers
    layer.shortcut = shortcut
    layer.join = join
    return layer
  }
}
