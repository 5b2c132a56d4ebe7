internal import Counterspike

extension SweepProgress {
  /// One JSON object: the sweep's folder, and its settings, the best first.
  package func json(_ folder: SweepFolder) -> String {
    let line: JSONLine = [
      "folder": .string(folder.path),
      "settings": .array(
        groups.map { group in
          let members: JSONLine = [
            "settings": .array(group.settings.map { .string($0) }),
            "runs": .array(group.runs.map { .string(folder.path(of: $0)) }),
            "epochs": .integer(group.epochs),
            "failure": group.failure.map { .string($0) } ?? .null,
          ]
          return .object(JSONLine(members.members + group.result.json(group.measure)))
        }),
    ]
    return line.description
  }
}
