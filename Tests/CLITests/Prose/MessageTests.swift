import Foundation
import Testing

/// Rules of CONTRIBUTING about texts, tried on the sources.
@Suite("Messages")
struct MessageTests {
  struct SourceFile {
    let name: String
    let literals: SwiftLiterals
    var isLibrary: Bool { !name.hasPrefix("CLI") }
  }

  static let files: [SourceFile] = {
    let root = DocumentedCommand.root.path + "/Sources"
    let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().compactMap { name in
      (try? String(contentsOfFile: "\(root)/\(name)", encoding: .utf8)).map {
        SourceFile(name: name, literals: SwiftLiterals($0))
      }
    }
  }()

  /// What is wrong with the beginning and the end of a message; `nil`: nothing.
  static func fault(_ message: [String]) -> String? {
    guard let first = message.first, let last = message.last else { return nil }
    let letters = first.drop { $0.isWhitespace }
    if let letter = letters.first, letter.isUppercase {
      return "begins with a capital"
    }
    let end = last.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.first
    return end.map { ".!:".contains($0) } == true ? "ends with a full stop or the like" : nil
  }

  @Test("of errors begin in lower case, and end without a full stop")
  func form() {
    var count = 0
    for file in Self.files {
      for call in file.literals.calls(of: "CounterspikeError") {
        let arguments = file.literals.arguments(call)
        guard arguments.count > 1, !arguments[1].isEmpty else { continue }
        count += 1
        let message = arguments[1].map(\.text)
        if let fault = Self.fault(message) {
          let line = file.literals.line(of: arguments[1][0].start)
          Issue.record("\(file.name):\(line): “\(message.joined())” \(fault)")
        }
      }
    }
    #expect(count > 200)
  }

  @Test("that are wrong are found")
  func faults() {
    let source = """
      throw CounterspikeError( // a “comment” with "quotes"
        .damagedFile, "“\\(name("a, b"))” is damaged; "
          + "fetch it again.", remedy: .nameDataFolder)
      throw CounterspikeError(.damagedFile, "The file is damaged")
      throw CounterspikeError(.damagedFile, #"the file is "damaged""#)
      """
    let literals = SwiftLiterals(source)
    let messages = literals.calls(of: "CounterspikeError").map {
      literals.arguments($0)[1].map(\.text)
    }
    #expect(
      messages.map(Self.fault) == [
        "ends with a full stop or the like", "begins with a capital", nil,
      ])
    #expect(messages[0] == ["“\\(name(\"a, b\"))” is damaged; ", "fetch it again."])
    #expect(messages[2] == ["the file is \"damaged\""] && literals.line(of: 40) == 1)
  }

  @Test("of libraries name no option, script or command")
  func libraries() {
    let option = #/(^|[\s(“])--[a-z]/#
    let command = #/Scripts/|swift build|counterspike (train|evaluate|audit|inspect|data|recipe) /#
    // A page's style sheet has variables, which begin like options.
    for file in Self.files where file.isLibrary && !file.name.hasSuffix("Live/LivePage.swift") {
      for literal in file.literals.literals
      where literal.text.contains(option) || literal.text.contains(command) {
        Issue.record("\(file.name):\(file.literals.line(of: literal.start)): “\(literal.text)”")
      }
    }
  }

  @Test("quote what comes from outside as an excerpt")
  func quotations() {
    let quoted = #/“\\\(([^“”]*)\)”/#
    /// Quoted where they are assigned, texts of the program's own, or numbers.
    let exceptions = [
      "current", "names", "meant", "meant): \\(value", "key",
      "Character(Unicode.Scalar(byte))",
    ]
    for file in Self.files {
      for literal in file.literals.literals {
        for match in literal.text.matches(of: quoted) {
          let inside = String(match.1)
          if inside.contains("xcerpt") || inside.contains("onOneLine") { continue }
          if exceptions.contains(inside) { continue }
          Issue.record(
            "\(file.name):\(file.literals.line(of: literal.start)): “\\(\(inside))” without .excerpt"
          )
        }
      }
    }
  }

  @Test("and comments use the words of the field")
  func words() throws {
    let others = [
      "still image": "static input", "made-up": "synthetic", "made up derivative": "surrogate",
    ]
    let root = DocumentedCommand.root.path
    let pages = try DocumentedCommand.documents.map { "\(root)/\($0)" }
    let sources = Self.files.map { "\(root)/Sources/\($0.name)" }
    for path in pages + sources {
      let text = try String(contentsOfFile: path, encoding: .utf8).lowercased()
      for (word, better) in others where text.contains(word) {
        Issue.record("\(path.dropFirst(root.count + 1)) has “\(word)”; say \(better)")
      }
    }
  }
}
