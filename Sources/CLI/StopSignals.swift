internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) as a flag that the training loop looks at.
///
/// The first signal asks to stop; Ctrl-C or SIGTERM once more ends the program at once. The system's
/// own handling cannot do the latter: on Linux, a signal that Dispatch watches is blocked from then on.
///
/// What ends a terminal or a service sends several signals within milliseconds and means one thing: the
/// shell and the system tell of the same terminal's end, a service gets SIGTERM and SIGHUP. So nothing
/// that follows the first signal by less than half a second counts, nor does SIGHUP ever.
final class StopSignals: @unchecked Sendable {
  private let received = Atomic<Int32>(0)
  /// When the first signal came, by the system's clock that never goes back.
  private let time = Atomic<UInt64>(0)
  /// Kept alive; written in the initializer only.
  private var sources: [any DispatchSourceSignal] = []

  init(onFirst: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number, SIG_IGN)
      // Whoever starts a training by nohup wants it to outlive the terminal.
      if number == SIGHUP, Self.isIgnoring(before) { continue }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        guard let self else { return }
        let now = DispatchTime.now().uptimeNanoseconds
        if time.compareExchange(expected: 0, desired: now, ordering: .relaxed).exchanged {
          received.store(number, ordering: .relaxed)
          onFirst()
        } else if number != SIGHUP, now > time.load(ordering: .relaxed) + 500_000_000 {
          // Without waiting for other threads, nor for anything that wants to run at an exit.
          _exit(128 + number)
        }
      }
      source.resume()
      sources.append(source)
    }
  }

  private static func isIgnoring(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The signal that came, if one did.
  var signalNumber: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  var isStopRequested: Bool { signalNumber != nil }
}
