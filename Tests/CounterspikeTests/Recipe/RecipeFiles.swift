import Foundation

/// The package's own folder.
let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A file that is removed when `body` is done.
func withTemporaryFile<Result>(
  _ content: Data, _ body: (_ path: String) throws -> Result
) throws -> Result {
  let file = FileManager.default.temporaryDirectory
    .appendingPathComponent("counterspike-\(UUID().uuidString).yaml")
  try content.write(to: file)
  defer { try? FileManager.default.removeItem(at: file) }
  return try body(file.path)
}
