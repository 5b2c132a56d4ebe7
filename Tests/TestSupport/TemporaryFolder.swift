internal import Foundation
internal import Synchronization

/// A folder that lives as long as this object, or until the test process ends.
package final class TemporaryFolder: Sendable {
  package let path: String

  /// Those that are still there when the process ends are of objects that all tests share.
  private static let living = Mutex<Set<String>>([])
  private static let cleansUp: Void = {
    atexit {
      TemporaryFolder.living.withLock { paths in
        for path in paths { try? FileManager.default.removeItem(atPath: path) }
      }
    }
  }()

  /// - Parameter name: a part of the folder's name.
  package init(_ name: String = "tests") throws {
    let root = URL(fileURLWithPath: NSTemporaryDirectory()).path
    let path = "\(root)/counterspike-\(name)-\(UUID().uuidString)"
    self.path = path
    Self.cleansUp
    Self.living.withLock { _ = $0.insert(path) }
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    let path = path
    Self.living.withLock { _ = $0.remove(path) }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of a file in the folder.
  package func file(_ name: String) -> String { path + "/" + name }

  package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  // MARK: Writing

  /// Writes a file, and the folders on the way to it.
  package func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: file(name))
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  package func write(_ text: String, to name: String) throws {
    try write(Array(text.utf8), to: name)
  }

  /// Makes a folder and those on the way to it.
  package func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
  }

  package func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: file(name))
  }

  // MARK: Reading

  package func bytes(_ name: String) throws -> [UInt8] { try TestSupport.bytes(of: file(name)) }

  package func read(_ name: String) throws -> [UInt8] { try bytes(name) }

  package func text(_ name: String) throws -> String {
    try String(contentsOfFile: file(name), encoding: .utf8)
  }

  /// The names of the files in the folder.
  package var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }

  /// The names of all files and folders in this one, at any depth, those that begin with a dot left out.
  package func names(in name: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: file(name))?.allObjects ?? []
    return names.compactMap { $0 as? String }.filter { !$0.hasPrefix(".") }.sorted()
  }
}

/// The bytes of a file.
package func bytes(of path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}
