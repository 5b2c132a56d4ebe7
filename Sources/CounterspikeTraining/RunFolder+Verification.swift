internal import Counterspike
internal import Foundation

extension RunFolder {
  /// What was found of one file of a run.
  public struct FileCheck: Sendable {
    public let path: String
    /// What the file is, where nothing is wrong.
    public let result: String
    /// What is wrong, on one line; `nil`: nothing.
    public let problem: String?
  }

  /// Reads recipe, metrics and all checkpoints with every check that there is.
  public func verification() -> [FileCheck] {
    var checks: [FileCheck] = []
    func check(_ path: String, _ read: () throws(CounterspikeError) -> String) {
      do throws(CounterspikeError) {
        checks.append(FileCheck(path: path, result: try read(), problem: nil))
      } catch {
        checks.append(FileCheck(path: path, result: "", problem: error.message))
      }
    }
    check(recipePath) { () throws(CounterspikeError) in
      _ = try Recipe(contentsOf: recipePath)
      return "a sound recipe"
    }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path + "/checkpoints")) ?? []
    var last: Checkpoint?
    for name in names.sorted() where name.hasSuffix(".safetensors") && !name.hasPrefix(".") {
      let path = "\(path)/checkpoints/\(name)"
      check(path) { () throws(CounterspikeError) in
        let hasSum = try SafeTensorsFile.hasChecksum(path)
        let checkpoint = try Checkpoint(contentsOf: path)
        if path == lastCheckpointPath { last = checkpoint }
        return "epoch \(checkpoint.completedEpochs), "
          + (hasSum
            ? "its SHA-256 is right" : "written without a checksum; what can be read is sound")
      }
    }
    check(metricsPath) { () throws(CounterspikeError) in
      let missing = try missingMetrics(upTo: last?.completedEpochs ?? 0)
      guard missing.isEmpty else {
        let epochs = missing.map { "\($0)" }.joined(separator: ", ")
        throw CounterspikeError(.damagedFile, "has no line of the epochs \(epochs)")
      }
      return "a line for each epoch"
    }
    return checks
  }
}
