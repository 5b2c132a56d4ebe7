import Foundation
import Synchronization

/// A folder that lives as long as this object, or until the test process ends.
final class TemporaryFolder: Sendable {
  let path: String

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
  init(_ name: String = "run") throws {
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

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path + "/" + name))
  }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: path + "/" + name, encoding: .utf8)
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path + "/" + name, withIntermediateDirectories: false)
  }

  /// Makes a folder and those on the way to it.
  func makeFolders(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: path + "/" + name, withIntermediateDirectories: true)
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + name)
  }

  func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: path + "/" + name)
  }

  /// The names of all files and folders in this one, at any depth, those of the tests' own left out.
  func names(in name: String = ".") -> [String] {
    let names = FileManager.default.enumerator(atPath: path + "/" + name)?.allObjects ?? []
    return names.compactMap { $0 as? String }.filter { !$0.hasPrefix(".") }.sorted()
  }
}
