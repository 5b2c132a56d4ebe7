internal import ArgumentParser
internal import CAllocator
internal import CLIDrawing
internal import CLIStudy
internal import CLISupport
internal import Counterspike
internal import Foundation

/// What the process does from its first to its last line.
package enum CommandProgram {
  package static func main() {
    counterspike_return_large_blocks()
    // Writing to a pipe that nobody reads any more, or beyond a limit on the size of files, then fails
    // instead of ending a run.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
    do {
      try ProcessorCheck.run()
      var command = try CounterspikeCommand.parseAsRoot()
      try command.run()
      try Console.checkOutput()
    } catch let error as CounterspikeError {
      Console.error("counterspike: \(error.text)")
      exit(ExitStatus(error.code).rawValue)
    } catch let code as ExitCode {
      exit(code.rawValue)
    } catch {
      switch CounterspikeCommand.exitCode(for: error) {
      case .success: help(error)
      case .validationFailure: wrongUsage(error)
      default:
        Console.error("counterspike: \(CounterspikeCommand.message(for: error))")
        exit(ExitStatus.software.rawValue)
      }
    }
  }

  /// Prints what was asked for instead of a command's work: help, the version or a completion script.
  private static func help(_ error: any Error) -> Never {
    let text = CounterspikeCommand.fullMessage(for: error)
    let isHelp = text.contains("USAGE:")
    let command = NamedCommand(Array(CommandLine.arguments.dropFirst()))
    Console.raw(text + (isHelp ? CommandExamples.text(for: command.words) : "") + "\n")
    do {
      try Console.checkOutput()
    } catch {
      Console.error("counterspike: \(error.text)")
      exit(ExitStatus(error.code).rawValue)
    }
    exit(EXIT_SUCCESS)
  }

  /// Says on one line what is wrong with the arguments, and where to read about them.
  private static func wrongUsage(_ error: any Error) -> Never {
    var message = CounterspikeCommand.message(for: error)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ").excerpt(upTo: 500)
    if message.hasSuffix(".") { message.removeLast() }
    let command = NamedCommand(Array(CommandLine.arguments.dropFirst()))
    if let unknown = command.unknown {
      let near = unknown.nearest(in: command.known).map { "did you mean \($0)? " } ?? ""
      message =
        "there is no command “\(unknown.excerpt)”; \(near)known are "
        + command.known.joined(separator: ", ")
    } else {
      message = message.prefix(1).lowercased() + message.dropFirst()
    }
    let help = (["counterspike"] + command.words + ["--help"]).joined(separator: " ")
    Console.error("counterspike: \(message); see \(help)")
    exit(EX_USAGE)
  }
}

/// The command and its subcommands as far as the arguments name them.
private struct NamedCommand {
  var words: [String] = []
  /// The first argument that stands in the place of a subcommand and is none.
  var unknown: String?
  /// The names of those that there are.
  var known: [String] = []

  init(_ arguments: [String]) {
    var types: [any ParsableCommand.Type] = CounterspikeCommand.configuration.subcommands
    for argument in arguments.first == "help" ? Array(arguments.dropFirst()) : arguments {
      if types.isEmpty || argument.hasPrefix("-") { return }
      var next: (any ParsableCommand.Type)?
      for type in types where type.configuration.commandName == argument { next = type }
      guard let next else {
        unknown = argument
        for type in types where type.configuration.shouldDisplay {
          known.append(type.configuration.commandName ?? "")
        }
        return
      }
      words.append(argument)
      types = next.configuration.subcommands
    }
  }
}

struct CounterspikeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counterspike",
    abstract: "Trains spiking neural networks on a CPU by neighborhood aggregation.",
    discussion: """
      Begin with `counterspike train`: it trains the default network on Fashion-MNIST and keeps \
      recipe, metrics and checkpoints in a folder under runs/.

      Exit status: 0 success, 1 a check that did not pass, 64 wrong usage, 65 a damaged or \
      unfitting file, 66 a file that cannot be read, 69 data that are missing or cannot be \
      downloaded, or a library that this build lacks, 70 training that diverged or a library \
      that failed, 73 a file that cannot be written, 78 a wrong recipe, 129, 130 and 143 stopped \
      by the terminal's end, Ctrl-C or the live page, and SIGTERM, after saving.
      """,
    version: CounterspikeVersion.text,
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, PredictCommand.self, VerifyCommand.self,
      StudyCommands.inspect,
      StudyCommands.audit, StudyCommands.diagnose, StudyCommands.report, RunsCommand.self,
      CompareCommand.self, SweepCommand.self, RecipeCommand.self, DataCommand.self,
      ExportCommand.self, ImportCommand.self, QuantizeCommand.self, StudyCommands.bench,
      StudyCommands.experiment, StudyCommands.conformance, ManualCommand.self,
    ])
}
