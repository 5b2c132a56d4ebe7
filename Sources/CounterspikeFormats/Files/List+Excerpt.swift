internal import Counterspike

extension [String] {
  /// The first names, quoted, for messages.
  package var excerpt: String {
    let names = prefix(5).map { "“\($0.excerpt)”" }.joined(separator: ", ")
    return count > 5 ? "\(names) and \(count - 5) more" : names
  }
}
