public import Counterspike
public import CounterspikeTraining
internal import Foundation
internal import Synchronization

/// A page that shows a running training in a browser, and can pause, save and stop it.
///
/// The page is served to this machine only, unless another address is asked for. A thread of its own
/// answers; the training notes a few numbers after each step. A raster is drawn while somebody looks, and takes
/// at most a hundredth of the run's time. No result depends on any of it.
///
/// ```swift
/// let live = try LiveView(run, samples: data.test)
/// print(live.url)
/// let outcome = try run.run(shouldStop: { live.isStopped(run) }) { live.record($0) }
/// live.close(outcome)
/// ```
public final class LiveView {
  /// Where the page is; with a token where other machines can reach it.
  public let url: String
  /// Somebody stopped the training on the page.
  public private(set) var isStopRequested = false

  private var isClosed = false
  private let run: TrainingRun
  private let samples: any SampleSource
  private let shared: Shared
  private let server: LiveServer
  private let clock = ContinuousClock()
  private let began: ContinuousClock.Instant
  private var points: StepPoints
  private var timeLeft: TimeLeft
  /// What rasters took so far, in seconds, and when the last one was made.
  private var rasters = (seconds: 0.0, last: ContinuousClock.Instant?.none)

  /// What the server's thread and the training's share.
  private final class Shared: Sendable {
    struct Content {
      var state: LiveState
      var wishes: [LiveSite.Action] = []
      /// When the page was looked at last, and what it was told.
      var lastSeen: (time: ContinuousClock.Instant, phase: LiveState.Phase)?
    }

    let content: Mutex<Content>

    init(_ state: LiveState) { content = Mutex(Content(state: state)) }
  }

  public static let defaultPort: UInt16 = 8787
  public static let loopback = "127.0.0.1"

  /// - Parameters:
  ///   - run: one that is about to begin or to go on.
  ///   - samples: the first of which is shown to the network for the raster; of the network's shape.
  ///   - address: of this machine, in numbers. With any but `127.0.0.1` or `::1` other machines can
  ///     connect, unencrypted, and need the token in ``url``.
  ///   - port: 0: one that is free; `nil`: ``defaultPort``, or a free one if it is in use.
  /// - Throws: `libraryFailure` where the address is none of this machine or the port is in use.
  public init(
    _ run: TrainingRun, samples: any SampleSource, address: String = LiveView.loopback,
    port: UInt16? = nil
  ) throws(CounterspikeError) {
    self.run = run
    self.samples = samples
    began = clock.now
    points = StepPoints(run.trainer)
    timeLeft = TimeLeft(evaluationCount: run.trainer.evaluationCount)
    let recipe = run.trainer.recipe
    var state = LiveState(
      name: recipe.name,
      network: LayerNotation.format(recipe.network.layers)
        ?? run.trainer.plan.stages.map(\.name).joined(separator: "-"),
      rule: recipe.gradient.rule.rawValue, folder: run.folder.path,
      measure: RunMeasure(isRegression: recipe.loss.isRegression),
      epoch: run.trainer.completedEpochs + 1, epochs: recipe.training.epochs,
      stepsPerEpoch: run.trainer.stepsPerEpoch)
    // Of a run that goes on; a line that cannot be read is missing, no more.
    for line in MetricsFile(run.folder.metricsPath).epochs { state.add(line) }
    let shared = Shared(state)
    self.shared = shared
    let isOpen = ![Self.loopback, "::1"].contains(address)
    let token = LiveSite.randomToken()
    let site = LiveSite(
      token: token, isOpen: isOpen,
      page: { LivePage(token: $0, nonce: $1).html },
      state: {
        let state = shared.content.withLock { content in
          content.lastSeen = (ContinuousClock().now, content.state.phase)
          return content.state
        }
        return state.json
      },
      act: { action in shared.content.withLock { $0.wishes.append(action) } })
    server = try Self.server(address, port, site)
    let host = address.contains(":") ? "[\(address)]" : address
    url = "http://\(host):\(server.port)/" + (isOpen ? "?token=\(token)" : "")
  }

  deinit { server.close() }

  /// Finds out whether a page can be served, before the work is begun that it is for.
  ///
  /// - Throws: as ``init(_:samples:address:port:)``.
  public static func check(
    address: String = LiveView.loopback, port: UInt16?
  ) throws(CounterspikeError) {
    _ = try LiveSocket.listening(address: address, port: port ?? 0)
  }

  private static func server(
    _ address: String, _ port: UInt16?, _ site: LiveSite
  ) throws(CounterspikeError) -> LiveServer {
    do {
      return try LiveServer(address: address, port: port ?? defaultPort) { site.answer($0) }
    } catch {
      guard port == nil else { throw error }
      return try LiveServer(address: address, port: 0) { site.answer($0) }
    }
  }

  // MARK: Wishes

  /// Does what was asked for on the page: saves, and waits while the training is paused.
  ///
  /// - Parameter isStopping: something else stops the training, which is then not paused any longer.
  /// - Returns: whether the training is to stop.
  public func isStopped(isStopping: () -> Bool = { false }) -> Bool {
    while true {
      let (wishes, phase) = shared.content.withLock { content in
        defer { content.wishes = [] }
        return (content.wishes, content.state.phase)
      }
      for wish in wishes { fulfil(wish) }
      if isStopRequested || isStopping() { return true }
      let isPaused = wishes.isEmpty ? phase == .paused : currentPhase == .paused
      guard isPaused else { return false }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private var currentPhase: LiveState.Phase { shared.content.withLock { $0.state.phase } }

  private func fulfil(_ wish: LiveSite.Action) {
    switch wish {
    case .pause: shared.content.withLock { $0.state.phase = .paused }
    case .resume:
      shared.content.withLock { if $0.state.phase == .paused { $0.state.phase = .running } }
    case .stop: isStopRequested = true
    case .save:
      let step = run.trainer.completedSteps
      do {
        try run.save()
        shared.content.withLock { $0.state.note("saved after step \(step)") }
      } catch {
        shared.content.withLock { $0.state.note("not saved: \(error.message)") }
      }
    }
  }

  // MARK: Events

  /// Takes up an event of the run's trainer; to be called between two steps.
  public func record(_ event: TrainingEvent) {
    timeLeft.note(event)
    switch event {
    case .step(let report): record(report)
    case .evaluating: shared.content.withLock { $0.state.phase = .evaluating }
    case .epochEnded(let report):
      points.endEpoch()
      let metrics = report.metrics
      shared.content.withLock { content in
        content.state.phase = .running
        content.state.add(metrics)
      }
    case .warning(let warning):
      shared.content.withLock { $0.state.note("warning: \(warning.description)") }
    }
  }

  private func record(_ report: StepReport) {
    let point = points.point(report)
    let rates = point == nil ? [] : run.trainer.firingRates
    let seconds = timeLeft.seconds(report)
    let isWatched = shared.content.withLock { content in
      content.state.epoch = report.epoch
      content.state.step = report.step
      content.state.secondsLeft = seconds
      content.state.samplesPerSecond = report.samplesPerSecond
      content.state.learningRate = Double("\(report.learningRate)") ?? Double(report.learningRate)
      if let point {
        let x = Double(report.epoch - 1) + Double(report.step) / Double(report.stepsPerEpoch)
        LiveState.add("training", x, point.loss, to: &content.state.loss)
        LiveState.add("training", x, point.quality, to: &content.state.quality)
        for rate in rates {
          LiveState.add(rate.layer, x, rate.rate, to: &content.state.rates)
        }
      }
      return content.lastSeen.map { clock.now - $0.time < .seconds(10) } ?? false
    }
    if isWatched { drawRaster() }
  }

  /// Draws the raster anew, unless that would take more than a hundredth of the time.
  private func drawRaster() {
    let now = clock.now
    if let last = rasters.last {
      guard now - last > .seconds(2), rasters.seconds <= (now - began) / .seconds(1) / 100 else {
        return
      }
    }
    defer {
      rasters.last = clock.now
      rasters.seconds += (clock.now - now) / .seconds(1)
    }
    guard samples.count > 0,
      let traces = try? run.trainer.network().trace(samples.batch([0]))
    else { return }
    let firingLayers = run.trainer.plan.firingLayers
    let raster = LiveState.Raster(
      step: run.trainer.completedSteps,
      label: samples.targetShape.isEmpty ? samples.label(at: 0) : nil,
      traces.filter { firingLayers.contains($0.name) })
    shared.content.withLock { $0.state.raster = raster }
  }

  /// Ends the serving, after somebody who looks was told how the run ended.
  ///
  /// - Parameter outcome: `nil` when it failed.
  public func close(_ outcome: TrainingOutcome?) {
    guard !isClosed else { return }
    isClosed = true
    let phase: LiveState.Phase =
      switch outcome {
      case .finished: .finished
      case .stopped: .stopped
      case nil: .failed
      }
    shared.content.withLock { $0.state.phase = phase }
    let deadline = clock.now + .seconds(3)
    while clock.now < deadline {
      let seen = shared.content.withLock { $0.lastSeen }
      guard let seen, clock.now - seen.time < .seconds(5), seen.phase != phase else { break }
      Thread.sleep(forTimeInterval: 0.02)
    }
    // What was asked for is yet to be sent.
    if shared.content.withLock({ $0.lastSeen?.phase == phase }) {
      Thread.sleep(forTimeInterval: 0.2)
    }
    server.close()
  }
}
