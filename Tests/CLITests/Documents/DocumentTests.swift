import ArgumentParser
import Counterspike
import Foundation
import Testing

@testable import CLI

/// What README and the other documents show works: every command line is run from a folder like the
/// repository's, with few samples.
@Suite("Documented commands")
struct DocumentTests {
  /// Lines that are not run, by a part of their text, and why. They are still parsed, and their recipes
  /// read with all changes.
  static let exceptions: [(part: String, reason: String)] = [
    ("Scripts/", "sets up, builds and trains; tried by who changes it"),
    ("swift build", "builds"),
    ("swift test", "runs these tests"),
    ("Benchmarks/", "installs other frameworks"),
    ("precision=bfloat16", "needs a processor with such products"),
    ("nmnist", "needs N-MNIST, which cannot be downloaded without a form"),
    ("shd", "needs SHD, 120 MB"),
    ("ssc", "needs SSC, 1.6 GB"),
    ("cifar-10", "needs CIFAR-10, 170 MB"),
    ("data fetch", "needs the network"),
    ("data verify mnist", "needs the network"),
    ("data show mnist", "needs the network"),
    ("runs/t10-", "needs more time than a test has; the same with five steps is run"),
    ("runs/t30-", "needs more time than a test has; the same with five steps is run"),
    ("runs/t5-5", "needs more time than a test has; the same with one epoch is run"),
    ("runs/recurrent", "needs more time than a test has"),
    ("timeSteps=30", "needs more time than a test has"),
    ("compare runs/a", "needs two runs; RunsTests compares some"),
    ("report runs/a", "needs a run; ReportTests reports on some"),
    ("sweep mnist", "needs the network; SweepTests sweeps yin-yang"),
    ("timeSteps=10", "needs more time than a test has"),
  ]

  private static func reason(_ command: DocumentedCommand) -> String? {
    if command.isPattern { return "has a word to fill in" }
    return exceptions.first { command.line.contains($0.part) }?.reason
  }

  @Test("in blocks and in running text are understood, and their recipes are right")
  func parse() throws {
    let commands = try DocumentedCommand.blocks() + DocumentedCommand.inline()
    #expect(commands.count > 20)
    for command in commands where command.words[0] == "counterspike" {
      // A command by its name alone, in running text.
      if command.words.count == 2, (try? command.parsed()) == nil { continue }
      do {
        _ = try command.parsed()
        let needsFile = command.words.contains {
          $0.hasPrefix("Examples/") || $0.hasSuffix(".yaml")
        }
        if !command.isPattern, !needsFile { _ = try command.recipe() }
      } catch let error as CounterspikeError {
        Issue.record("\(command): \(error.message)")
      } catch {
        Issue.record("\(command): \(CounterspikeCommand.message(for: error))")
      }
    }
  }

  @Test("of other programs are in the repository or on the machine")
  func programs() throws {
    for command in try DocumentedCommand.blocks() where command.words[0] != "counterspike" {
      guard let program = command.words.first(where: { !$0.contains("=") }) else { continue }
      let file = DocumentedCommand.root.appendingPathComponent(program).path
      let isKnown = ["swift", "pip", "python3", "git", "cd", "export", "cc"].contains(program)
      #expect(isKnown || FileManager.default.isExecutableFile(atPath: file), "\(command)")
    }
  }

  @Test("run", .timeLimit(.minutes(60)))
  func run() async throws {
    let folder = try TemporaryFolder("documents")
    for name in ["Examples", "Datasets", "Recipes"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder.path)/\(name)",
        withDestinationPath: DocumentedCommand.root.appendingPathComponent(name).path)
    }
    var standIns: Set<String> = []
    var count = 0
    for command in try DocumentedCommand.blocks()
    where command.words[0] == "counterspike" && Self.reason(command) == nil {
      let arguments = try Self.quick(command, folder, &standIns)
      let outcome = try await Command.run(arguments, in: folder)
      #expect(
        outcome.status == 0, "\(command), as \(arguments.joined(separator: " ")): \(outcome.errors)"
      )
      #expect(!outcome.wasKilled)
      count += 1
    }
    #expect(count >= 10)
  }

  /// Images that stand in for those of the same shape that would have to be downloaded.
  private static let alike = ["mnist", "fashion-mnist", "kmnist"]

  /// The arguments with few samples, and with other data where they name data that are not here.
  private static func quick(
    _ command: DocumentedCommand, _ folder: TemporaryFolder, _ standIns: inout Set<String>
  ) throws -> [String] {
    var arguments = Array(command.words.dropFirst())
    func other(_ settings: [String]) throws -> [String] {
      try ["--data", SmallRun.dataFolder] + settings.flatMap { ["--set", $0] }
    }
    func value(of option: String) -> String? {
      arguments.firstIndex(of: option).flatMap {
        $0 + 1 < arguments.count ? arguments[$0 + 1] : nil
      }
    }
    let run = arguments.dropFirst().first { $0.hasPrefix("runs/") }
    var recipe: Recipe?
    if run == nil || value(of: "--output") != nil {
      var moved = command
      moved.words = moved.words.map {
        $0.hasPrefix("Examples/") || $0.hasPrefix("Datasets/")
          ? DocumentedCommand.root.appendingPathComponent($0).path : $0
      }
      recipe = try moved.recipe()
    }
    let usesStandIn =
      recipe.map { alike.contains($0.data.set) } ?? run.map(standIns.contains) ?? false
    // Values that become spikes are not normalized; folders are small already.
    let standIn =
      ["data.set=emnist-mnist"]
      + (recipe?.data.encoding.kind == .direct
        ? ["data.mean=0.2", "data.standardDeviation=0.3"] : [])
    let isFolder = recipe?.data.set.hasSuffix("-folder") == true
    let few = isFolder ? [] : ["data.trainingLimit=64", "data.testLimit=20"]
    if usesStandIn, let name = value(of: "--output") { standIns.insert(name) }
    switch arguments[0] {
    case "train":
      if value(of: "--resume") == nil {
        arguments += ["--epochs", "1"] + few.flatMap { ["--set", $0] }
        if usesStandIn { arguments += try other(standIn) }
      } else if usesStandIn {
        arguments += try other([])
      }
    case "audit":
      arguments += ["--samples", "2", "--flips", "4", "--perturbations", "1"]
      if usesStandIn { arguments += try other(run == nil ? standIn + few : []) }
    case "bench":
      arguments += ["--steps", "1"] + ["training.batchSize=8"].flatMap { ["--set", $0] }
      if usesStandIn, arguments.contains("--own-data") { arguments += try other(standIn + few) }
    case "evaluate":
      if usesStandIn { arguments += try other([]) }
    case "experiment": arguments += ["--rounds", "1", "--updates", "10"]
    default: break
    }
    return arguments
  }

  @Test("that are not run have a reason that is still needed")
  func exceptionsAreNeeded() throws {
    let lines = try (DocumentedCommand.blocks() + DocumentedCommand.inline()).map(\.line)
    for exception in Self.exceptions where !exception.part.hasPrefix("swift") {
      // Some belong to documents that come and go; a table of which nothing is left is not kept.
      if !lines.contains(where: { $0.contains(exception.part) }) {
        print("no documented command has “\(exception.part)” any more")
      }
    }
    #expect(lines.contains { line in Self.exceptions.contains { line.contains($0.part) } })
  }
}
