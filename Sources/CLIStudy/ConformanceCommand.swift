internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
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

  @Argument(help: "Golden files.", completion: .file(extensions: ["safetensors"]))
  var files: [String]

  @Flag(name: .shortAndLong, help: "Prints only what is not reproduced.")
  var quiet = false

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
      let shown = quiet ? rows.filter { !$0.passes } : rows
      if json {
        Console.line(Self.line(file, shown).description)
      } else if !shown.isEmpty {
        Console.line(file)
        for line in Self.table(shown).lines { Console.line(line) }
      }
    }
    if failures > 0 {
      Console.error(
        "counterspike: \(failures.counted("golden tensor")) \(failures == 1 ? "is" : "are") not "
          + "reproduced; "
          + (json ? "“passes” is false for them" : "the lines that end in FAILED say which"))
      throw ExitCode(ExitStatus.checkFailed.rawValue)
    }
  }

  private static func table(_ rows: [Conformance.Row]) -> TextTable {
    let head = [["  tensor", "shape", "error", "limit", ""]]
    return TextTable(
      rows: head
        + rows.map { row in
          [
            "  " + row.tensor, "[" + row.shape.map { "\($0)" }.joined(separator: ", ") + "]",
            scientific(row.error), scientific(row.limit), row.passes ? "ok" : "FAILED",
          ]
        })
  }

  private static func line(_ file: String, _ rows: [Conformance.Row]) -> JSONLine {
    [
      "file": .string(file), "passes": .boolean(rows.allSatisfy(\.passes)),
      "tensors": .array(
        rows.map { row in
          .object([
            "tensor": .string(row.tensor), "shape": .array(row.shape.map { .integer($0) }),
            "error": row.error.isFinite ? .number(row.error) : .null, "limit": .number(row.limit),
            "passes": .boolean(row.passes),
          ])
        }),
    ]
  }

  private static func scientific(_ value: Double) -> String {
    String(format: "%.1e", locale: Locale(identifier: "en_US_POSIX"), value)
  }
}
