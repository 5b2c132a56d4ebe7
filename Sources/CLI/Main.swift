internal import ArgumentParser
internal import Counterspike
internal import Foundation

@main
enum Main {
  static func main() {
    // Writing to a pipe that nobody reads any more then fails, instead of ending a run.
    signal(SIGPIPE, SIG_IGN)
    do {
      try ProcessorCheck.run()
      var command = try CounterspikeCommand.parseAsRoot()
      try command.run()
      try Console.checkOutput()
    } catch let error as CounterspikeError {
      Console.error("counterspike: \(error.text)")
      exit(ExitStatus(error.code).rawValue)
    } catch {
      if CounterspikeCommand.exitCode(for: error) == .validationFailure { wrongUsage(error) }
      CounterspikeCommand.exit(withError: error)
    }
  }

  /// Says on one line what is wrong with the arguments, and where to read about them.
  private static func wrongUsage(_ error: any Error) -> Never {
    var message = CounterspikeCommand.message(for: error)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    if message.hasSuffix(".") { message.removeLast() }
    // The command and its subcommands, as far as the arguments name them.
    var words = ["counterspike"]
    var subcommands = CounterspikeCommand.configuration.subcommands
    for argument in CommandLine.arguments.dropFirst() {
      if let next = subcommands.first(where: { $0.configuration.commandName == argument }) {
        words.append(argument)
        subcommands = next.configuration.subcommands
      } else if subcommands.isEmpty || argument.hasPrefix("-") {
        break
      } else {
        let names = subcommands.compactMap { $0.configuration.commandName }
        let near = argument.nearest(in: names).map { "did you mean \($0)? " } ?? ""
        message =
          "there is no command “\(argument.excerpt)”; \(near)known are "
          + names.joined(separator: ", ")
        break
      }
    }
    Console.error("counterspike: \(message); see \((words + ["--help"]).joined(separator: " "))")
    exit(EX_USAGE)
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
      downloaded, or a library that this build lacks, 70 training that diverged or a library that failed, 73 a file that cannot be \
      written, 78 a wrong recipe, 129, 130 and 143 stopped by the terminal's end, Ctrl-C and SIGTERM \
      after saving.
      """,
    version: "0.1.0",
    subcommands: [
      TrainCommand.self, EvaluateCommand.self, InspectCommand.self, AuditCommand.self,
      DataCommand.self, RunsCommand.self, CompareCommand.self,
      SweepCommand.self,
      BenchCommand.self, ExperimentCommand.self, ConformanceCommand.self,
    ])
}

/// What the command exits with, after sysexits.h.
enum ExitStatus: Int32 {
  case checkFailed = 1
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case badConfiguration = 78
  case hungUp = 129
  case interrupted = 130
  case terminated = 143

  init(_ code: CounterspikeError.Code) {
    self =
      switch code {
      case .invalidRecipe: .badConfiguration
      case .unreadableFile: .noInput
      case .damagedFile, .mismatch: .badData
      case .unwritableFile: .cannotCreate
      case .missingData, .failedDownload, .missingLibrary: .unavailable
      default: .software
      }
  }
}
