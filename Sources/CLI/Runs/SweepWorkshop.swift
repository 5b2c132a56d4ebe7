internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining
internal import Foundation

/// Trains a sweep's runs, each by this command in a process of its own: a run that fails takes no other
/// with it.
struct SweepWorkshop {
  let folder: SweepFolder
  let machine: MachineOptions
  let jobs: Int?
  /// The epoch after which runs pause; `nil`: they go to their end.
  let pauseAfter: Int?
  let isQuiet: Bool
  private var running: [Child] = []

  private struct Child {
    let run: SweepPlan.Run
    let process: Process
    let errors: String
  }

  init(folder: SweepFolder, machine: MachineOptions, jobs: Int?, pauseAfter: Int?, isQuiet: Bool) {
    self.folder = folder
    self.machine = machine
    self.jobs = jobs
    self.pauseAfter = pauseAfter
    self.isQuiet = isQuiet
  }

  /// Trains runs until the end or until they are told to stop.
  ///
  /// - Returns: whether all came to their end, or failed by themselves.
  /// - Throws: when a run could not be trained for a reason that others share.
  mutating func train(_ runs: [SweepPlan.Run], shouldStop: () -> Bool) throws -> Bool {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    // Small networks use a second thread badly; docs/reports.md has figures.
    let jobs = max(1, min(runs.count, self.jobs ?? processors / (machine.threads ?? 1)))
    let threads = machine.threads ?? max(1, processors / jobs)
    var waiting = runs[...]
    while !waiting.isEmpty || !running.isEmpty {
      if shouldStop() {
        stopAll()
        return false
      }
      while running.count < jobs, let run = waiting.popFirst() {
        do {
          running.append(try start(run, threads: threads))
        } catch {
          stopAll()
          throw error
        }
      }
      Thread.sleep(forTimeInterval: 0.02)
      for (index, child) in running.enumerated().reversed() where !child.process.isRunning {
        running.remove(at: index)
        do {
          if try !finish(child, shouldStop: shouldStop) {
            stopAll()
            return false
          }
        } catch {
          stopAll()
          throw error
        }
      }
    }
    return true
  }

  private func start(_ run: SweepPlan.Run, threads: Int) throws -> Child {
    let path = folder.path(of: run)
    var arguments = ["train"]
    if RunFolder.isRun(path) {
      arguments += ["--resume", path]
    } else {
      arguments += [folder.recipePath, "--output", path]
      for setting in run.settings { arguments += ["--set", setting] }
    }
    arguments += ["--quiet", "--threads", "\(threads)"]
    arguments += machine.data.map { ["--data", $0] } ?? []
    arguments += pauseAfter.map { ["--pause-after", "\($0)"] } ?? []
    let errors = "\(folder.path)/\(run.name).log"
    try AtomicFile.write([], to: errors)
    let process = Process()
    process.executableURL = URL(
      fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    try process.run()
    return Child(run: run, process: process, errors: errors)
  }

  /// Takes up how a run ended.
  ///
  /// - Returns: `false` when it was told to stop.
  private func finish(_ child: Child, shouldStop: () -> Bool) throws -> Bool {
    let text = (try? String(contentsOfFile: child.errors, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(atPath: child.errors)
    let prefix = "counterspike: "
    var message = text.split(separator: "\n").last.map(String.init) ?? ""
    if message.hasPrefix(prefix) { message.removeFirst(prefix.count) }
    let name = "run \(child.run.name) (\(child.run.settings.joined(separator: ", ").excerpt))"
    if child.process.terminationReason == .uncaughtSignal {
      throw CounterspikeError(
        .libraryFailure,
        "\(name) was ended by signal \(child.process.terminationStatus); where memory is short, train "
          + "fewer runs at the same time", remedy: .trainFewerRuns)
    }
    switch child.process.terminationStatus {
    case 0:
      if !isQuiet { tell(child.run, name) }
      return true
    case ExitStatus.software.rawValue, ExitStatus.badConfiguration.rawValue:
      try folder.note(failureOf: child.run, message)
      if !isQuiet { Console.error("\(name) failed: \(message)") }
      return true
    case ExitStatus.hungUp.rawValue, ExitStatus.interrupted.rawValue,
      ExitStatus.terminated.rawValue:
      if shouldStop() { return false }
      throw CounterspikeError(
        .libraryFailure, "\(name) was stopped, and saved; begin again where the sweep was stopped",
        remedy: .resumeSweep)
    case let status:
      throw CounterspikeError(ExitStatus.code(status), "\(name): \(message)")
    }
  }

  private func tell(_ run: SweepPlan.Run, _ name: String) {
    let summary = RunSummary(folder.path(of: run))
    guard let result = summary.result() else { return }
    Console.line(
      "\(name): \(result.choice == .last ? "training" : result.choice.rawValue) "
        + "\(result.measure.rawValue) \(result.measure.text(result.value)) after \(summary.completedEpochs.counted("epoch"))"
    )
  }

  /// Tells all runs to stop, and waits until they have saved.
  private mutating func stopAll() {
    for child in running where child.process.isRunning { child.process.interrupt() }
    for child in running {
      child.process.waitUntilExit()
      try? FileManager.default.removeItem(atPath: child.errors)
    }
    running = []
  }
}

extension ExitStatus {
  /// An error's code that ends in this status.
  fileprivate static func code(_ status: Int32) -> CounterspikeError.Code {
    switch ExitStatus(rawValue: status) {
    case .badData: .damagedFile
    case .noInput: .unreadableFile
    case .unavailable: .missingData
    case .cannotCreate: .unwritableFile
    case .badConfiguration: .invalidRecipe
    default: .libraryFailure
    }
  }
}
