internal import Counterspike

/// The lines of a run's metrics, as far as they can be read.
struct MetricsFile: Sendable {
  /// One an epoch, their epochs rising; of several lines of an epoch the last one, as a run that goes on
  /// trains an epoch again.
  private(set) var epochs: [JSONLine] = []
  /// Lines that are no JSON object with an epoch.
  private(set) var lostLines = 0

  /// - Parameter path: where there is no such file, there are no lines.
  init(_ path: String) {
    guard let bytes = try? WholeFile.bytes(of: path) else { return }
    var found: [Int: JSONLine] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if let object = try? JSONParser.object(line), let epoch = object["epoch"]?.integerValue {
        found[epoch] = object
      } else {
        lostLines += 1
      }
    }
    epochs = found.sorted { $0.key < $1.key }.map(\.value)
  }
}
