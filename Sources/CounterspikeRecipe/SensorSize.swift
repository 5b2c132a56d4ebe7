/// The size of an event camera's sensor, in pixels.
public struct SensorSize: Sendable, Equatable {
  /// The number of columns and rows that a sensor may have.
  package static let allowed = 1...65536

  public var width: Int
  public var height: Int

  /// - Precondition: both are in 1 … 65,536.
  public init(width: Int, height: Int) {
    precondition(
      Self.allowed.contains(width) && Self.allowed.contains(height),
      "a sensor of \(width)×\(height) pixels")
    self.width = width
    self.height = height
  }
}
