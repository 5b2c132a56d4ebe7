internal import Foundation

extension String {
  /// Whether there is a folder of this path.
  package var isFolder: Bool {
    (try? FileManager.default.attributesOfItem(atPath: self)[.type] as? FileAttributeType)
      == .typeDirectory
  }
}
