public import CounterspikeSettings

/// A network in integers alone: weights of few bits, and currents, membrane potentials and post-synaptic
/// currents in fixed point, as a processor without floating point computes them.
///
/// With f the fraction bits and q the scale of a channel's weights, W ≈ q·w:
///
///     a, x    in units of 2⁻ᶠ
///     c, u, θ in units of q·2⁻ᶠ:     c[t] = Σ w·a[t] + bias
///     u[t] = round(m·v[t−1]) + c[t],   s[t] = u[t] > θ,   v[t] behind the reset
///     a[t] = round(d·a[t−1]) + s[t]·round((1 − d)·2ᶠ)
///
/// m, d and the factors of poolings have 15 fraction bits; round(x) is to nearest, of halves up. Every sum
/// fits 32 bits: f is as large as that allows, see ``fractionBits``.
///
/// Plain numbers: what runs it, or writes it as a program of another language, needs nothing else.
public struct IntegerNetwork: Sendable, Equatable {
  /// Numbers of this many fraction bits multiply what leaks and what is pooled.
  public static let factorBits = 15

  /// `[C, H, W]`
  public let inputShape: [Int]
  public let timeSteps: Int
  /// f
  public let fractionBits: Int
  /// The largest magnitude of an input, in units of 2⁻ᶠ; larger ones are cut.
  public let inputLimit: Int32
  /// d of the input's synapse, of ``factorBits``.
  public let inputDecay: Int32
  /// In the order in which they are computed; each takes what the one before gives.
  public let layers: [Layer]

  /// A product, its neurons and the poolings behind them.
  public struct Layer: Sendable, Equatable {
    public let name: String
    public let product: Product
    public let neurons: Neurons
    public let poolings: [Pooling]
  }

  /// c = Σ w·a + bias
  public struct Product: Sendable, Equatable {
    /// `[C, H, W]` of what comes in, and of the currents.
    public let inputShape: [Int]
    public let outputShape: [Int]
    /// Of a dense layer the picture's height and width, which the kernel covers at once.
    public let kernel: (height: Int, width: Int)
    public let stride: Int
    public let padding: Int
    public let groups: Int
    /// w, `[out, in / groups, kernel height, kernel width]`.
    public let weights: [Int8]
    /// q of each channel.
    public let scales: [Float]
    /// Of each channel, in units of q·2⁻ᶠ.
    public let bias: [Int32]

    public static func == (a: Product, b: Product) -> Bool {
      a.inputShape == b.inputShape && a.outputShape == b.outputShape && a.kernel == b.kernel
        && a.stride == b.stride && a.padding == b.padding && a.groups == b.groups
        && a.weights == b.weights && a.scales == b.scales && a.bias == b.bias
    }
  }

  public struct Neurons: Sendable, Equatable {
    /// m, of ``IntegerNetwork/factorBits``.
    public let membraneDecay: Int32
    /// d, of ``IntegerNetwork/factorBits``.
    public let synapticDecay: Int32
    /// round((1 − d)·2ᶠ)
    public let gain: Int32
    /// θ of each channel, in units of q·2⁻ᶠ.
    public let thresholds: [Int32]
    public let reset: NeuronSettings.Reset
  }

  /// Windows that do not overlap.
  public struct Pooling: Sendable, Equatable {
    public let isMaximum: Bool
    public let height: Int
    public let width: Int
    /// What a window's sum is multiplied by, of ``IntegerNetwork/factorBits``.
    public let factor: Int32
    /// `[C, H, W]` of what it gives.
    public let outputShape: [Int]
  }

  /// round(value·factor/2¹⁵), of halves up.
  @inline(__always)
  static func scaled(_ value: Int32, by factor: Int32) -> Int32 {
    Int32(
      truncatingIfNeeded: (Int64(value) * Int64(factor) + Int64(1) << (factorBits - 1))
        >> factorBits)
  }

  /// The number of output neurons.
  public var classCount: Int { layers.last?.product.outputShape[0] ?? 0 }

  /// Bytes of weights, scales, biases and thresholds.
  public var parameterBytes: Int {
    layers.reduce(0) {
      $0 + $1.product.weights.count
        + 4 * ($1.product.scales.count + $1.product.bias.count + $1.neurons.thresholds.count)
    }
  }
}
