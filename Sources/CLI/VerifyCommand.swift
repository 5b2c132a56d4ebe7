internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeTraining
internal import Foundation

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads all files of a run and compares them with their checksums.",
    discussion: "Exit status 1 says that a file is damaged, or that metrics are missing.")

  @Argument(help: ArgumentHelp("A run folder.", valueName: "run"))
  var folder: String

  func run() throws {
    let run = try RunFolder(existing: folder)
    var isSound = true
    for check in run.verification() {
      Console.line("\(check.path.excerpt): \(check.problem ?? check.result)")
      if check.problem != nil { isSound = false }
    }
    if !isSound { throw ExitCode(ExitStatus.checkFailed.rawValue) }
  }
}
