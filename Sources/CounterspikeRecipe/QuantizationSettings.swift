package import CounterspikeSystem

/// How a network is brought to integers.
public struct QuantizationSettings: Sendable, Equatable {
  /// What shares a scale.
  public enum Scale: String, Sendable, Equatable, CaseIterable {
    /// All weights of a layer.
    case layer
    /// The weights of each output channel.
    case channel
  }

  /// Bits of a weight, in 2 … 8; the largest magnitude is 2ᵇ⁻¹ − 1.
  public var bits: Int
  public var scale: Scale
  /// The largest magnitude of an input.
  public var inputLimit: Float

  public init(bits: Int = 8, scale: Scale = .channel, inputLimit: Float = 1) {
    self.bits = bits
    self.scale = scale
    self.inputLimit = inputLimit
  }
}

extension TrainingSettings {
  /// How a training rounds the weights in its passes; `nil`: it does not.
  public var rounding: QuantizationSettings? {
    weightBits.map { QuantizationSettings(bits: $0, scale: weightScale) }
  }
}

extension QuantizationSettings {
  /// - Throws: `invalidRecipe` where no weight can have so many bits.
  package func checkBits() throws(CounterspikeError) {
    guard (2...8).contains(bits) else {
      throw CounterspikeError(
        .invalidRecipe, "weights of \(bits) bits cannot be made; choose 2 to 8")
    }
  }
}
