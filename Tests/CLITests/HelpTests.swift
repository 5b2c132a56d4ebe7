import ArgumentParser
import Foundation
import Testing

@testable import CLI

@Suite("Help")
struct HelpTests {
  /// Every command that has no subcommands, by its words.
  static let commands: [[String]] = {
    func leaves(_ type: any ParsableCommand.Type, _ words: [String]) -> [[String]] {
      var found: [[String]] = []
      for next in type.configuration.subcommands where next.configuration.shouldDisplay {
        found += leaves(next, words + [next.configuration.commandName ?? ""])
      }
      return found.isEmpty ? [words] : found
    }
    return leaves(CounterspikeCommand.self, [])
  }()

  @Test("every command shows examples", arguments: commands)
  func examples(command: [String]) async throws {
    let outcome = try await Command.run(
      command + ["--help"], in: TemporaryFolder(), environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0)
    #expect(
      outcome.output.contains("\nEXAMPLES:\n  counterspike \(command.joined(separator: " "))"))
    // The argument parser does not break its line of all options.
    for line in outcome.output.split(separator: "\n") where !line.hasPrefix("USAGE:") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test("every example is a command line, of its command")
  func exampleLines() throws {
    for (command, examples) in CommandExamples.all {
      for example in examples {
        let words = example.line.split(separator: " ").map(String.init)
        #expect(words.first == "counterspike")
        #expect(example.line.hasPrefix("counterspike \(command)"))
        #expect(throws: Never.self, "\(example.line)") {
          // Folders that an option must name.
          let arguments = words.dropFirst().map { $0 == "FOLDER" ? "." : $0 }
          _ = try CounterspikeCommand.parseAsRoot(Array(arguments))
        }
      }
    }
  }

  @Test("the manual has every command and option")
  func manual() async throws {
    let outcome = try await Command.run(["manual"], in: TemporaryFolder())
    #expect(outcome.status == 0)
    for command in Self.commands {
      #expect(outcome.output.contains("\n.Ss counterspike \(command.joined(separator: " "))\n"))
    }
    for option in ["set", "resume", "html", "overwrite", "quiet"] {
      #expect(outcome.output.contains("Fl -\(option)"), "\(option)")
    }
  }

  @Test("there are completions for every shell", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) async throws {
    let outcome = try await Command.run(
      ["--generate-completion-script", shell], in: TemporaryFolder())
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("counterspike") && !outcome.output.contains("EXAMPLES:"))
  }
}
