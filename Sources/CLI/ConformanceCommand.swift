internal import ArgumentParser
internal import Counterspike
internal import Foundation

struct ConformanceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conformance",
    abstract: "Recomputes golden values and prints how far they are from ours.",
    discussion: """
      Each file is a safetensors file with inputs and results of single neurons or of a network, \
      computed by another program. The error is the largest difference relative to the tensor's \
      largest value; above 1e-5 (neurons, psc, loss) or 1e-4 (weight gradients) the exit status \
      is 1.
      """)

  @Argument(help: "Golden files.")
  var files: [String]

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one golden file") }
  }

  func run() throws {
    var failures = 0
    for file in files {
      let rows = try Conformance.check(file)
      Console.line(file)
      var table = [["  tensor", "shape", "error", "limit", ""]]
      for row in rows {
        table.append([
          "  " + row.tensor, "[" + row.shape.map { "\($0)" }.joined(separator: ", ") + "]",
          Self.scientific(row.error), Self.scientific(row.limit), row.passes ? "ok" : "FAILED",
        ])
        failures += row.passes ? 0 : 1
      }
      for line in TextTable(rows: table).lines { Console.line(line) }
    }
    if failures > 0 {
      Console.error(
        "counterspike: \(failures.counted("golden tensor")) \(failures == 1 ? "is" : "are") not "
          + "reproduced; the lines that end in FAILED say which")
      throw ExitCode(ExitStatus.checkFailed.rawValue)
    }
  }

  private static func scientific(_ value: Double) -> String {
    String(format: "%.1e", locale: Locale(identifier: "en_US_POSIX"), value)
  }
}
