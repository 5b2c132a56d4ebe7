/// A layer of a program's own, see ``LayerRegistry``: what it makes of one sample's values at one time step.
///
///     struct Gain: LayerModel {  // of a layer without pixels
///       let outputShape: [Int]
///       var weightShape: [Int] { [outputShape[0]] }  // one a channel
///
///       func forward(
///         _ input: Span<Float>, weights: Span<Float>, output: inout MutableSpan<Float>, places: LayerPlaces
///       ) {
///         for i in 0..<outputShape[0] { output[i] = weights[i] * input[i] }
///       }
///
///       func backward(
///         _ input: Span<Float>, weights: Span<Float>, ofOutput: Span<Float>,
///         ofInput: inout MutableSpan<Float>, ofWeights: inout MutableSpan<Float>, places: LayerPlaces
///       ) {
///         for i in 0..<outputShape[0] {
///           ofInput[i] = weights[i] * ofOutput[i]
///           ofWeights[i] += input[i] * ofOutput[i]
///         }
///       }
///     }
///
/// Results must not depend on earlier calls or on the thread.
public protocol LayerModel: Sendable {
  /// `[C, H, W]` of what it makes.
  var outputShape: [Int] { get }

  /// The shape of the weights that training changes, outputs first; empty: it has none.
  var weightShape: [Int] { get }

  /// What initial weights, drawn as those of a dense layer, are multiplied by; 1 unless the layer says otherwise, 0
  /// where they begin with 0.
  var weightScale: Float { get }

  /// Computes the layer.
  ///
  /// - Parameters:
  ///   - input: values of one sample at one time step, see ``LayerPlaces``.
  ///   - weights: in the order of ``weightShape``.
  ///   - output: zeros before.
  func forward(
    _ input: Span<Float>, weights: Span<Float>, output: inout MutableSpan<Float>,
    places: LayerPlaces)

  /// Computes the gradients.
  ///
  /// - Parameters:
  ///   - input: as in the forward pass.
  ///   - ofOutput: the gradient with respect to the output.
  ///   - ofInput: the gradient with respect to the input, to be written; zeros before.
  ///   - ofWeights: to which the gradient with respect to the weights is added.
  func backward(
    _ input: Span<Float>, weights: Span<Float>, ofOutput: Span<Float>,
    ofInput: inout MutableSpan<Float>, ofWeights: inout MutableSpan<Float>, places: LayerPlaces)
}

extension LayerModel {
  public var weightShape: [Int] { [] }
  public var weightScale: Float { 1 }
}

/// Where a layer's values stand: channels last, and padded with zeros to a whole number of vectors.
public struct LayerPlaces: Sendable, Equatable {
  public let input: Plane
  public let output: Plane

  package init(input: Plane, output: Plane) {
    self.input = input
    self.output = output
  }

  /// One sample's values at one time step.
  public struct Plane: Sendable, Equatable {
    public let channels: Int
    public let height: Int
    public let width: Int
    /// Floats from one pixel to the next, at least ``channels``.
    public let stride: Int

    /// Floats of all values, padding included.
    public var count: Int { height * width * stride }

    /// Where a value stands.
    @inlinable
    public func place(_ channel: Int, _ y: Int, _ x: Int) -> Int {
      (y * width + x) * stride + channel
    }

    package init(_ shape: [Int], stride: Int) {
      (channels, height, width) = (shape[0], shape[1], shape[2])
      self.stride = stride
    }
  }
}
