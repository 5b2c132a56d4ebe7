import Foundation
import Synchronization

/// The built command, run as a user runs it.
struct Command {
  /// What a run of it left.
  struct Outcome {
    /// The exit status; 128 + the signal's number for a process that a signal ended.
    let status: Int32
    /// A signal ended the process; it did not exit by itself.
    let wasKilled: Bool
    let output: String
    let errors: String

    var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: false) }
  }

  /// The binary, which SwiftPM puts next to the tests' own.
  static let path: String? = {
    let bundles = Bundle.allBundles.map(\.bundlePath) + CommandLine.arguments
    let tests = bundles.filter { $0.contains(".xctest") } + [CommandLine.arguments[0]]
    for path in tests {
      var folder = URL(fileURLWithPath: path)
      // On macOS the tests' own binary is three folders deep in its bundle.
      for _ in 0..<4 {
        folder.deleteLastPathComponent()
        let command = folder.appendingPathComponent("counterspike").path
        if FileManager.default.isExecutableFile(atPath: command) { return command }
      }
    }
    return nil
  }()

  /// Runs `counterspike` with `arguments` until it ends.
  ///
  /// - Parameters:
  ///   - folder: the current folder of the process.
  ///   - command: another copy of the binary.
  ///   - environment: variables added to the tests' own.
  static func run(
    _ arguments: [String], in folder: TemporaryFolder, command: String? = nil,
    environment: [String: String] = [:]
  ) async throws -> Outcome {
    try await RunningCommand(
      command ?? found(), arguments, folder: folder, environment: environment
    ).outcome()
  }

  /// Begins to run `counterspike` with `arguments`.
  static func start(_ arguments: [String], in folder: TemporaryFolder) throws -> RunningCommand {
    try RunningCommand(found(), arguments, folder: folder)
  }

  /// Runs a line of shell, in which `$COMMAND` is the binary.
  static func shell(_ line: String, in folder: TemporaryFolder) async throws -> Outcome {
    try await RunningCommand(
      "/bin/sh", ["-c", line], folder: folder, environment: ["COMMAND": found()]
    ).outcome()
  }

  private static func found() throws -> String {
    guard let path else { throw CommandNotFound() }
    return path
  }

  struct CommandNotFound: Error {}
}

/// A process, its output going to files that can be read while it runs.
final class RunningCommand: Sendable {
  private let process: Process
  private let output: String
  private let errors: String
  private let ending = Ending()

  init(
    _ command: String, _ arguments: [String], folder: TemporaryFolder,
    environment: [String: String] = [:]
  ) throws {
    let number = UUID().uuidString
    output = "\(folder.path)/.\(number).output"
    errors = "\(folder.path)/.\(number).errors"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: command)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
    // Wide enough that no table is divided; a test that wants one divided says so.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["COLUMNS": "1000"]) { $1 }.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.newFile(output)
    process.standardError = try Self.newFile(errors)
    process.terminationHandler = { [ending] _ in ending.happen() }
    self.process = process
    try process.run()
    // A command that never ends fails its test and holds up no other.
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience)) { [weak self] in
      guard let self, self.process.isRunning else { return }
      send(SIGKILL)
    }
  }

  /// Seconds that a command may take, on a machine with hundreds of others.
  private static let patience = 900

  private static func newFile(_ path: String) throws -> FileHandle {
    try Data().write(to: URL(fileURLWithPath: path))
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  var errorsSoFar: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

  var processIdentifier: Int32 { process.processIdentifier }

  func send(_ signal: Int32) {
    kill(process.processIdentifier, signal)
  }

  /// Waits until `condition` holds or the process ends.
  func wait(until condition: () -> Bool) {
    while process.isRunning && !condition() { Thread.sleep(forTimeInterval: 0.002) }
  }

  /// Does `body` on a thread of its own, at once, however busy the tests' shared threads are.
  func supervise(_ body: @escaping @Sendable (RunningCommand) -> Void) {
    Thread { body(self) }.start()
  }

  /// Waits for the end.
  func outcome() async throws -> Command.Outcome {
    await ending.wait()
    let wasKilled = process.terminationReason == .uncaughtSignal
    return Command.Outcome(
      status: process.terminationStatus + (wasKilled ? 128 : 0), wasKilled: wasKilled,
      output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }
}

/// Something that happens once and can be waited for without a thread.
private final class Ending: Sendable {
  private struct State {
    var hasHappened = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func happen() {
    let waiting = state.withLock { state in
      state.hasHappened = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if !state.hasHappened { state.waiting.append(continuation) }
        return state.hasHappened
      }
      if isOver { continuation.resume() }
    }
  }
}
