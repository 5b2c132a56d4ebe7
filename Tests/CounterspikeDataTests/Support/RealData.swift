import Foundation

/// Real data sets; tests that need one are skipped where it is absent.
enum RealData {
  /// `COUNTERSPIKE_TEST_DATA`, or a folder `shared/data` beside the package.
  static let folder: String = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    return ProcessInfo.processInfo.environment["COUNTERSPIKE_TEST_DATA"]
      ?? root.appendingPathComponent("../shared/data").standardizedFileURL.path
  }()

  static func has(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder + "/" + name)
  }

  /// A file or folder that comes with the tests.
  static func fixture(_ name: String) -> String {
    Bundle.module.bundlePath + "/Fixtures/" + name
  }
}
