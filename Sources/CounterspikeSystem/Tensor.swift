/// Numbers in a box: a shape and as many scalars, the last index running fastest (row-major).
///
/// Axes stand in one order everywhere: `[T, B, C, H, W]`, time, batch, channels, height, width,
/// or `[T, B, N]` for N neurons; axes that a value does not have are left out.
///
/// This is the type of files, results and tests. The engine computes on buffers of its own, in
/// another memory order.
public struct Tensor: Sendable, Equatable {
  /// The length of every axis; empty for a single scalar.
  public let shape: [Int]

  /// The scalars in row-major order.
  ///
  /// - Precondition: their number stays the product of `shape`.
  public var scalars: [Float] {
    didSet { Self.check(scalars.count, fits: shape) }
  }

  /// A tensor of the given scalars.
  ///
  /// - Precondition: there are as many scalars as the product of `shape`.
  public init(shape: [Int], scalars: [Float]) {
    Self.check(scalars.count, fits: shape)
    self.shape = shape
    self.scalars = scalars
  }

  /// A tensor of zeros.
  ///
  /// - Precondition: no length is negative, and their product is an `Int`.
  public init(zeros shape: [Int]) {
    guard let count = Self.count(of: shape) else {
      preconditionFailure("\(shape) is no shape of a tensor")
    }
    self.init(shape: shape, scalars: [Float](repeating: 0, count: count))
  }

  /// The number of scalars.
  public var count: Int { scalars.count }

  /// The scalar at the given index of every axis.
  ///
  /// - Precondition: one index per axis, each within the axis.
  /// - Note: For looking at single values; loops belong on `scalars`.
  public subscript(indices: Int...) -> Float {
    get { scalars[offset(of: indices)] }
    set { scalars[offset(of: indices)] = newValue }
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(
      indices.count == shape.count, "the index \(indices) has not one number per axis of \(shape)")
    var offset = 0
    for (index, length) in zip(indices, shape) {
      precondition(
        index >= 0 && index < length, "the index \(indices) is outside of the shape \(shape)")
      offset = offset * length + index
    }
    return offset
  }

  private static func check(_ count: Int, fits shape: [Int]) {
    let product = Self.count(of: shape)
    precondition(
      count == product,
      "\(count) scalars in a tensor of shape \(shape), which holds \(product.map(String.init) ?? "-")"
    )
  }

  /// The product of `shape`; `nil` when a length is negative or the product overflows.
  package static func count(of shape: [Int]) -> Int? {
    var product = 1
    for length in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { return nil }
      product = next
    }
    return product
  }
}
