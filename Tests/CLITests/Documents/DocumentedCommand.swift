import ArgumentParser
import Counterspike
import Foundation

@testable import CLI
@testable import CLIStudy
@testable import CLISupport

/// A command line that a document shows.
struct DocumentedCommand: CustomStringConvertible {
  /// The document's path from the repository's folder, and the line in it.
  let place: String
  var words: [String]

  var line: String { words.joined(separator: " ") }
  var description: String { "\(place): \(line)" }

  /// Words in capitals stand for something that the reader fills in.
  var isPattern: Bool {
    words.dropFirst().contains { word in
      word.split { "=/#:{}, ".contains($0) }.contains {
        $0.wholeMatch(of: #/[A-Z]+…?/#) != nil && $0 != "T"
      }
    }
  }

  /// The command as the argument parser takes it; what a pattern's word stands for is left open.
  func parsed() throws -> any ParsableCommand {
    let arguments = words.dropFirst().filter { $0 != "OPTIONS" }.map { $0 == "FOLDER" ? "." : $0 }
    return try CounterspikeCommand.parseAsRoot(Array(arguments))
  }

  /// The recipe that the command is about, where it names one that is no run; with all its changes.
  func recipe() throws -> Recipe? {
    func subject(_ options: SubjectOptions) throws -> Recipe? {
      if options.subject?.hasPrefix("runs/") == true { return nil }
      return try options.load().0
    }
    switch try parsed() {
    case let train as TrainCommand:
      return train.resume == nil ? try train.changes.recipe(train.recipe) : nil
    case let bench as BenchCommand: return try bench.changes.recipe(bench.recipe)
    case let inspect as InspectCommand: return try subject(inspect.subject)
    case let audit as AuditCommand: return try subject(audit.subject)
    default: return nil
    }
  }
}

extension DocumentedCommand {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The documents that show commands.
  static var documents: [String] {
    get throws {
      let pages = try FileManager.default.contentsOfDirectory(atPath: root.path + "/docs")
      return ["README.md", "CONTRIBUTING.md", "Examples/README.md"]
        + pages.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
    }
  }

  /// Every line of the documents' blocks of shell, and of blocks that are indented.
  static func blocks() throws -> [DocumentedCommand] {
    try documents.flatMap { document in
      var commands: [DocumentedCommand] = []
      var isShell = false
      var isOther = false
      var pending = ""
      for (number, line) in try text(document).components(separatedBy: "\n").enumerated() {
        if line.hasPrefix("```") {
          (isShell, isOther) = (
            line == "```sh" && !isOther, !isShell && !isOther && line != "```sh"
          )
          continue
        }
        let isIndented = !isOther && line.hasPrefix("    ") && line.dropFirst(4).first != " "
        guard isShell || isIndented || !pending.isEmpty else { continue }
        pending += (pending.isEmpty ? "" : "\n") + line
        guard let words = shellWords(pending) else { continue }
        pending = ""
        if words.isEmpty || !isShell && words.first != "counterspike" { continue }
        commands.append(DocumentedCommand(place: "\(document):\(number + 1)", words: words))
      }
      return commands
    }
  }

  /// Commands in running text, `counterspike …`.
  static func inline() throws -> [DocumentedCommand] {
    try documents.flatMap { document in
      try text(document).components(separatedBy: "\n").enumerated().flatMap { number, line in
        line.matches(of: #/`(counterspike [^`]+)`/#).compactMap { match in
          shellWords(String(match.1)).map {
            DocumentedCommand(place: "\(document):\(number + 1)", words: $0)
          }
        }
      }
    }
  }

  private static func text(_ document: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(document), encoding: .utf8)
  }

  /// The words of a line of shell, comments left out; `nil`: the line goes on.
  private static func shellWords(_ line: String) -> [String]? {
    var words: [String] = []
    var word: String?
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        if character != "\n" { word = (word ?? "") + String(character) }
        isEscaped = false
      } else if let open = quote {
        if character == open {
          quote = nil
        } else {
          word? += character == "\n" ? " " : String(character)
        }
      } else if character == "\\" {
        isEscaped = true
      } else if character == "'" || character == "\"" {
        quote = character
        word = word ?? ""
      } else if character == "#", word == nil {
        break
      } else if character.isWhitespace {
        if let done = word { words.append(done) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    if quote != nil || isEscaped { return nil }
    return words + (word.map { [$0] } ?? [])
  }
}
