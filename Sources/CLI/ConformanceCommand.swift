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

  @Flag(help: "Prints one JSON object a file instead of text.")
  var json = false

  func validate() throws {
    if files.isEmpty { throw ValidationError("name at least one golden file") }
  }

  func run() throws {
    var failures = 0
    for file in files {
      let rows = try Conformance.check(file)
      failures += rows.count { !$0.passes }
      if json {
        Console.line(Self.json(file, rows))
        continue
      }
      Console.line(file)
      var table = [["  tensor", "shape", "error", "limit", ""]]
      for row in rows {
        table.append([
          "  " + row.tensor, "[" + row.shape.map { "\($0)" }.joined(separator: ", ") + "]",
          Self.scientific(row.error), Self.scientific(row.limit), row.passes ? "ok" : "FAILED",
        ])
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

  private static func json(_ file: String, _ rows: [Conformance.Row]) -> String {
    let tensors: [JSONLine.Value] = rows.map { row in
      .object([
        "tensor": .string(row.tensor), "shape": .array(row.shape.map { .integer($0) }),
        "error": row.error.isFinite ? .number(row.error) : .null, "limit": .number(row.limit),
        "passes": .boolean(row.passes),
      ])
    }
    let report: JSONLine = ["file": .string(file), "tensors": .array(tensors)]
    return report.description
  }

  private static func scientific(_ value: Double) -> String {
    String(format: "%.1e", locale: Locale(identifier: "en_US_POSIX"), value)
  }
}
