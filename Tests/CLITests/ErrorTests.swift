import Foundation
import Testing

/// The exit statuses that `counterspike --help` lists.
enum Status: Int32 {
  case checkFailed = 1
  case usage = 64
  case badData = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case cannotCreate = 73
  case badConfiguration = 78
}

/// Expects the exit status and one line on standard error that holds `text`.
func expectError(
  _ outcome: Command.Outcome, _ status: Status, _ text: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(outcome.status == status.rawValue, "\(outcome.errors)", sourceLocation: sourceLocation)
  #expect(!outcome.wasKilled, sourceLocation: sourceLocation)
  #expect(outcome.errors.contains(text), sourceLocation: sourceLocation)
  #expect(outcome.errors.hasPrefix("counterspike: "), sourceLocation: sourceLocation)
  let feeds = outcome.errors.filter { $0 == "\n" }.count
  #expect(
    feeds == 1 && outcome.errors.hasSuffix("\n"), "one line, not “\(outcome.errors)”",
    sourceLocation: sourceLocation)
}

@Suite("Errors")
struct ErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let line: String
    let status: Status
    let text: String

    init(_ line: String, _ status: Status, _ text: String) {
      self.line = line
      self.status = status
      self.text = text
    }

    var testDescription: String { line }
  }

  static let cases = [
    Case("trian", .usage, "see counterspike --help"),
    Case("train --ouput x", .usage, "Did you mean '--output'?"),
    Case("train --threads 0", .usage, "--threads is 0; allowed are 1 to 1024"),
    Case("train --threads=-1", .usage, "--threads is -1; allowed are 1 to 1024"),
    Case("train --threads many", .usage, "see counterspike train --help"),
    Case("train --resume run --output x", .usage, "leave out --output x"),
    Case("train --resume run --set seed=2", .usage, "leave out --set seed=2"),
    Case("train small.yaml small.yaml", .usage, "see counterspike train --help"),
    Case("evaluate", .usage, "see counterspike evaluate --help"),
    Case("evaluate run --split tset", .usage, "see counterspike evaluate --help"),
    Case("conformance", .usage, "see counterspike conformance --help"),

    Case("train mnis", .noInput, "did you mean mnist?"),
    Case("train nothing.yaml", .noInput, "no file “nothing.yaml”"),
    Case("train small.yaml --set optimizer.learningRat=1", .badConfiguration, "learningRate"),
    Case(
      "train small.yaml --set network.timeSteps=ten", .badConfiguration, "override network.time"),
    Case("train small.yaml --set network.timeSteps", .badConfiguration, "no key and value"),
    Case("train small.yaml --set training.batchSize=-1", .badConfiguration, "batchSize"),
    Case("train small.yaml --set data.set=mnis", .badConfiguration, "did you mean mnist?"),
    Case("train small.yaml --set network.layers=5-", .badConfiguration, "is no layer"),
    Case("train small.yaml --set network.layers=5C5-P2-7", .badConfiguration, "last layer be 10"),
    Case("train small.yaml --epochs 0", .badConfiguration, "whole number from 1"),
    Case("train small.yaml --epochs 99999999999999999999", .usage, "see counterspike train"),
    Case("train small.yaml --set training.epochs=99999999999999999999", .badConfiguration, "whole"),
    Case("train small.yaml --set network.layers=99999999-10", .badConfiguration, "make it smaller"),
    Case(
      "train small.yaml --set network.layers=99999999C1-99999999-10", .badConfiguration,
      "make it smaller"),
    Case(
      "inspect small.yaml --set network.layers=99999999-10", .badConfiguration, "make it smaller"),
    Case("train wrong.yaml", .badConfiguration, "wrong.yaml:2:1"),
    Case("train empty", .badConfiguration, "the recipe is empty"),
    Case("train binary", .noInput, "no UTF-8 text"),
    Case("train folder", .noInput, "is a folder"),
    Case("train small.yaml --data nowhere", .unavailable, "there is no data folder “nowhere”"),
    Case("train small.yaml --data folder", .unavailable, "lacks emnist-mnist-train-images"),

    Case("train --resume nowhere", .noInput, "nowhere"),
    Case("train --resume folder", .noInput, "no run in “folder”"),
    Case("evaluate nowhere", .noInput, "nowhere"),
    Case("evaluate folder", .noInput, "folder"),
    Case("evaluate empty", .badData, "empty"),
    Case("evaluate small.yaml", .badData, "small.yaml"),
    Case("inspect nowhere.safetensors", .noInput, "nowhere.safetensors"),
    Case("inspect binary.safetensors", .badData, "binary.safetensors"),
    Case("inspect folder", .noInput, "folder"),
    Case("conformance nowhere", .noInput, "nowhere"),
    Case("conformance folder", .noInput, "name a file"),
    Case("conformance small.yaml", .badData, "small.yaml"),
    Case("conformance empty", .badData, "empty"),
  ]

  @Test("is one line that names the place and the remedy, with its exit status", arguments: cases)
  func line(_ test: Case) async throws {
    let small = try SmallRun()
    try small.folder.write("name: x\nnetwrok: {}\n", to: "wrong.yaml")
    try small.folder.write("", to: "empty")
    let binary = (0..<200).map { UInt8($0 * 7 % 251) + 4 }
    try small.folder.write(binary, to: "binary")
    try small.folder.write(binary, to: "binary.safetensors")
    try small.folder.makeFolder("folder")
    var arguments = test.line.split(separator: " ").map(String.init)
    if arguments[0] == "train", !arguments.contains("--data") {
      arguments += ["--data", try SmallRun.dataFolder]
    }
    let outcome = try await Command.run(arguments, in: small.folder)
    expectError(outcome, test.status, test.text)
    #expect(outcome.output == "")
    #expect(!small.folder.has("runs"))
  }

  @Test(
    "what takes more memory than there is, is refused",
    arguments: ["network.layers=2000000-1000-10", "network.timeSteps=1000000"])
  func memory(_ setting: String) async throws {
    let small = try SmallRun()
    // A limit of its own: how much there is differs from machine to machine.
    let outcome = try await Command.shell(
      "ulimit -t 60; ulimit -v 3000000; exec \"$COMMAND\" train small.yaml "
        + "--data \(try SmallRun.dataFolder) --set \(setting)",
      in: small.folder)
    expectError(outcome, .badConfiguration, "memory")
    #expect(!small.folder.has("runs"))
  }

  @Test("a loss that is no number ends training with a remedy")
  func divergence() async throws {
    let small = try SmallRun()
    let outcome = try await small.train(
      "small.yaml", "--quiet", "--set", "network.weightScale=1e38", "--set",
      "optimizer.weightClamp=null")
    expectError(outcome, .software, "try a smaller optimizer.learningRate")
  }

  @Test("the help lists every exit status that the command has")
  func help() async throws {
    let small = try SmallRun()
    let outcome = try await small.run("--help")
    #expect(outcome.status == 0)
    let words = outcome.output.split { !$0.isNumber }
    for status: Int32 in [0, 1, 64, 65, 66, 69, 70, 73, 78, 130, 143] {
      #expect(words.contains("\(status)"), "\(status)")
    }
  }

  @Test("every subcommand has a help", arguments: ["train", "evaluate", "inspect", "conformance"])
  func help(of subcommand: String) async throws {
    let small = try SmallRun()
    let outcome = try await small.run(subcommand, "--help")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE: counterspike \(subcommand)"))
    #expect(outcome.errors == "")
  }
}
