// swift-format-ignore-file: AlwaysUseLowerCamelCase

// The names are the header's.
public import CCounterspike
internal import Counterspike
internal import CounterspikeTraining
internal import Foundation
internal import Synchronization

/// A training on a thread of its own, and what it has told that nobody has read yet.
private final class TrainingHandle: Sendable {
  private struct State {
    var events: [String] = []
    /// The latest step, where it has not been told.
    var step: String?
    var isStopping = false
    var outcome: Result<TrainingOutcome, any Error>?
    /// That of the chosen epoch, or else the last one.
    var chosen: Checkpoint?
  }

  private let state = Mutex(State())
  private let change = NSCondition()

  func start(
    _ recipe: Recipe, _ training: any SampleSource, _ validation: (any SampleSource)?,
    workers: Int
  ) throws {
    try WorkerThread.start(stackBytes: OwnThread.stackBytes) { [self] in
      let result = Result {
        try run(
          Trainer(
            recipe, training: training, evaluation: validation, split: .validation,
            workers: workers))
      }
      update { $0.outcome = result }
    }
  }

  private func run(_ trainer: Trainer) throws -> TrainingOutcome {
    var best: Checkpoint?
    func observe(_ event: TrainingEvent) {
      switch event {
      case .step(let report):
        let line: JSONLine = [
          "event": .string("step"), "epoch": .integer(report.epoch),
          "epochs": .integer(report.epochs), "step": .integer(report.step),
          "stepsPerEpoch": .integer(report.stepsPerEpoch), "loss": .number(report.loss),
          report.rmse == nil ? "accuracy" : "rmse": .number(report.rmse ?? report.accuracy),
          "learningRate": .number(Double(report.learningRate)),
        ]
        update { $0.step = line.description }
      case .evaluating: break
      case .epochEnded(let report):
        if report.isBest, trainer.recipe.training.modelSelection != .last {
          best = trainer.checkpoint()
        }
        let kind: JSONLine = ["event": .string("epoch")]
        let isBest: JSONLine = ["isBest": .boolean(report.isBest)]
        let line = JSONLine(kind.members + report.metrics.members + isBest.members)
        update {
          $0.step = nil
          $0.events.append(line.description)
        }
      case .warning(let warning):
        let line: JSONLine = [
          "event": .string("warning"), "text": .string(warning.description),
        ]
        update { $0.events.append(line.description) }
      }
    }
    let outcome = try trainer.run(
      shouldStop: { state.withLock { $0.isStopping } }, observe: observe)
    let chosen = best ?? trainer.checkpoint()
    update { $0.chosen = chosen }
    return outcome
  }

  private func update(_ body: (inout sending State) -> Void) {
    change.lock()
    state.withLock { body(&$0) }
    change.broadcast()
    change.unlock()
  }

  /// What is told next; empty: nothing within the time.
  ///
  /// - Parameter capacity: bytes that there is room for; an event that needs more stays for the next call.
  /// - Throws: what the training failed by.
  func next(milliseconds: Int32, capacity: Int64) throws -> String {
    let end = Date(timeIntervalSinceNow: Double(max(milliseconds, 0)) / 1000)
    change.lock()
    defer { change.unlock() }
    while true {
      let found: String? = try state.withLock { state in
        if let told = state.events.first ?? state.step, told.utf8.count >= capacity {
          throw Argument(
            "the event has \(told.utf8.count + 1) bytes, and there is room for \(capacity); ask again with "
              + "more")
        }
        if !state.events.isEmpty { return state.events.removeFirst() }
        if let step = state.step {
          state.step = nil
          return step
        }
        guard let outcome = state.outcome else { return nil }
        let line: JSONLine = [
          "event": .string("end"),
          "outcome": .string(try outcome.get() == .finished ? "finished" : "stopped"),
        ]
        return line.description
      }
      if let found { return found }
      guard change.wait(until: end) else { return "" }
    }
  }

  func stop() { state.withLock { $0.isStopping = true } }

  func waitForEnd() {
    change.lock()
    while state.withLock({ $0.outcome == nil }) { change.wait() }
    change.unlock()
  }

  /// The network of a training that is over.
  func network() throws -> NetworkHandle {
    let (outcome, chosen) = state.withLock { ($0.outcome, $0.chosen) }
    guard let outcome else {
      throw Argument("the training is not over; wait for its event “end” first")
    }
    _ = try outcome.get()
    return try NetworkHandle(Argument.require(chosen, "network"))
  }
}

@c @implementation
public func counterspike_training_start(
  _ recipe: UnsafePointer<CChar>?, _ training: OpaquePointer?, _ validation: OpaquePointer?,
  _ threads: Int32, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let recipe = try unsafe Recipe(yaml: Text.read(recipe, "recipe"), source: "recipe")
    let samples = try unsafe Handle.read(training, "training", SampleStore.self)
    let held =
      unsafe validation == nil
      ? nil : try unsafe Handle.read(validation, "validation", SampleStore.self)
    let run = TrainingHandle()
    try run.start(
      recipe, samples.source("training"), held?.source("validation"),
      workers: Numbers.threads(threads))
    unsafe handle = Handle.make(run)
  }
  return unsafe handle
}

@c @implementation
public func counterspike_training_next(
  _ training: OpaquePointer?, _ milliseconds: Int32, _ text: UnsafeMutablePointer<CChar>?,
  _ capacity: Int64, _ status: UnsafeMutablePointer<counterspike_status>?
) -> Int32 {
  unsafe Status.report(to: status) {
    let run = try unsafe Handle.read(training, "training", TrainingHandle.self)
    let text = try unsafe Argument.require(text, "text")
    guard capacity >= 4096 else {
      throw Argument("capacity is \(capacity); give at least 4096 bytes")
    }
    let event = try run.next(milliseconds: milliseconds, capacity: capacity)
    try unsafe Text.write(event, to: text, capacity: capacity, needed: nil)
  }
}

@c @implementation
public func counterspike_training_stop(_ training: OpaquePointer?) {
  try? unsafe Handle.read(training, "training", TrainingHandle.self).stop()
}

@c @implementation
public func counterspike_training_network(
  _ training: OpaquePointer?, _ status: UnsafeMutablePointer<counterspike_status>?
) -> OpaquePointer? {
  var handle: OpaquePointer?
  _ = unsafe Status.report(to: status) {
    let run = try unsafe Handle.read(training, "training", TrainingHandle.self)
    unsafe handle = Handle.make(try run.network())
  }
  return unsafe handle
}

@c @implementation
public func counterspike_training_destroy(_ training: OpaquePointer?) {
  guard let run = try? unsafe Handle.read(training, "training", TrainingHandle.self) else { return }
  run.stop()
  run.waitForEnd()
  unsafe Handle.destroy(training, TrainingHandle.self)
}
