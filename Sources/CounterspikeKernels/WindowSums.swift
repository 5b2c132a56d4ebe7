/// Sums over windows of the output of a ``NeuronArray``, a tile at a time while it is in a processor's cache.
///
/// A tile is some strips, rows of windows that follow each other, of `columns` neurons across and `channels`
/// at every place. Neurons lie as `[steps, strips · height, columns, channels]`, sums as
/// `[steps, strips, columns / width, channels]`.
package struct WindowSums: Sendable, Equatable {
  /// Rows and columns of a window.
  package var height: Int
  package var width: Int
  package var channels: Int
  /// What the sums are multiplied by.
  package var factor: Float
  package var strips: Int
  /// A multiple of `width`.
  package var columns: Int
  package var steps: Int
  /// Floats from one step's neurons to the next one's.
  package var stride: Int
  /// Floats from one step's sums to the next one's.
  package var sumStride: Int

  package init(
    height: Int, width: Int, channels: Int, factor: Float, strips: Int, columns: Int, steps: Int,
    stride: Int, sumStride: Int
  ) {
    self.height = height
    self.width = width
    self.channels = channels
    self.factor = factor
    self.strips = strips
    self.columns = columns
    self.steps = steps
    self.stride = stride
    self.sumStride = sumStride
  }
}
