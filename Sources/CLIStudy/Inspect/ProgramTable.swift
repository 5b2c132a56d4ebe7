internal import CLIDrawing
internal import Counterspike

/// What a worker computes with a micro-batch, one step a row.
struct ProgramTable {
  let program: ProgramDescription

  init(_ program: ProgramDescription) { self.program = program }

  var lines: [String] {
    var rows = [["step", "reads", "writes", "size", "gradient to"]]
    for step in program.steps {
      rows.append([
        step.kind, step.reads.joined(separator: ", "), step.writes, step.bytes.megabytes,
        step.gradient ?? "",
      ])
    }
    rows.append(["a worker's memory", "", "", program.bytes.megabytes])
    // In one piece: rows have no name of their own that could tell parts' rows apart.
    return TextTable(rows: rows).lines(width: .max)
  }
}
