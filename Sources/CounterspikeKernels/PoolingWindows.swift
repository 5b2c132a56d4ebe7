/// Pooling that no neurons do in passing: over windows of `[images, height, width, channels]` that do not
/// overlap; what does not fill a window is left out.
package struct PoolingWindows: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// Sums, times a factor.
    case sum(factor: Float)
    case maximum
  }

  package var kind: Kind
  package var images: Int
  package var height: Int
  package var width: Int
  package var channels: Int
  package var windowHeight: Int
  package var windowWidth: Int

  package init(
    _ kind: Kind, images: Int, height: Int, width: Int, channels: Int, windowHeight: Int,
    windowWidth: Int
  ) {
    precondition(
      windowHeight > 0 && windowWidth > 0 && windowHeight <= height && windowWidth <= width,
      "windows of \(windowHeight)×\(windowWidth) of \(height)×\(width)")
    self.kind = kind
    self.images = images
    self.height = height
    self.width = width
    self.channels = channels
    self.windowHeight = windowHeight
    self.windowWidth = windowWidth
  }

  package var outputCount: Int {
    images * (height / windowHeight) * (width / windowWidth) * channels
  }

  private func check(_ input: FloatSlice, _ output: FloatSlice) {
    precondition(
      input.count == inputCount && output.count == outputCount,
      "\(input.count) and \(output.count) floats for pooling \(inputCount) to \(outputCount)")
  }

  package func forward(_ input: FloatSlice, into output: FloatSlice) {
    check(input, output)
    VectorLevel.kernels.pool(self, input.pointer, into: output.pointer)
  }

  /// The gradient with respect to the input, added to what is there if `adding`. Of several largest values
  /// the first takes it.
  ///
  /// - Parameter input: what was pooled; may be where the result goes.
  package func backward(
    gradient: FloatSlice, input: FloatSlice, into result: FloatSlice, adding: Bool
  ) {
    check(input, gradient)
    check(result, gradient)
    VectorLevel.kernels.poolBackward(
      self, gradient: gradient.pointer, input: input.pointer, into: result.pointer, adding: adding)
  }
}
