internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) as a flag that the training loop looks at.
///
/// The first signal asks to stop, the second one ends the program at once. The system's own
/// handling cannot do the latter: on Linux, a signal that Dispatch watches is blocked from then on.
final class StopSignals: @unchecked Sendable {
  private let received = Atomic<Int32>(0)
  /// Kept alive; written in the initializer only.
  private var sources: [any DispatchSourceSignal] = []

  init(onFirst: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = unsafe signal(number, SIG_IGN)
      // Whoever starts a training by nohup wants it to outlive the terminal.
      if number == SIGHUP, Self.isIgnoring(before) { continue }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        let isFirst = self?.received.compareExchange(
          expected: 0, desired: number, ordering: .relaxed
        ).exchanged
        // Without waiting for other threads, nor for anything that wants to run at an exit.
        guard isFirst == true else { _exit(128 + number) }
        onFirst()
      }
      source.resume()
      sources.append(source)
    }
  }

  #if canImport(Darwin)
    private typealias Handler = sig_t?
  #else
    private typealias Handler = __sighandler_t?
  #endif

  private static func isIgnoring(_ handler: Handler) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The signal that came, if one did.
  var signalNumber: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  var isStopRequested: Bool { signalNumber != nil }
}
