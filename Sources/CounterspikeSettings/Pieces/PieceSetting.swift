/// A setting of a loss or rule of a program's own: a number that recipes can name.
public struct PieceSetting: Sendable, Equatable {
  /// The recipe's key: letters and digits, a lower-case letter first.
  public let name: String
  /// What it is where a recipe does not say.
  public let defaultValue: Double
  /// The allowed values.
  public let range: ClosedRange<Double>
  /// One sentence, with the unit, for the documentation of the recipe's keys.
  public let summary: String

  public init(
    _ name: String, default defaultValue: Double,
    in range: ClosedRange<Double> = -Double
      .greatestFiniteMagnitude...Double.greatestFiniteMagnitude,
    _ summary: String
  ) {
    self.name = name
    self.defaultValue = defaultValue
    self.range = range
    self.summary = summary
  }
}

/// The values of a piece's settings: what a recipe says, else their defaults.
public struct PieceValues: Sendable, Equatable {
  private let values: [String: Double]

  init(_ settings: [PieceSetting], _ named: [String: Double]) {
    var values: [String: Double] = [:]
    for setting in settings { values[setting.name] = named[setting.name] ?? setting.defaultValue }
    self.values = values
  }

  /// The value of a setting.
  ///
  /// - Precondition: the piece was registered with a setting of this name.
  public subscript(name: String) -> Double {
    guard let value = values[name] else {
      preconditionFailure(
        "the setting \(name) of a piece with \(values.keys.sorted().joined(separator: ", "))")
    }
    return value
  }

  /// All of them, in the order of their names.
  var identity: String {
    values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}

/// A loss of a program's own as a recipe or a program names it.
public struct RegisteredPiece: Sendable, Equatable {
  /// The name that it was registered by.
  public let name: String
  /// The settings that are not as the piece's defaults.
  public let settings: [String: Double]
}
