internal import Dispatch
internal import Foundation
internal import Synchronization

/// Ctrl-C and SIGTERM as a flag that the training loop looks at.
///
/// The first signal asks to stop; after it the system's own handling is back, so that a second one
/// ends the program at once.
final class StopSignals: @unchecked Sendable {
  private let received = Atomic<Int32>(0)
  /// Kept alive; written in the initializer only.
  private var sources: [any DispatchSourceSignal] = []

  init(onFirst: @escaping @Sendable () -> Void) {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in
        guard let self, self.received.load(ordering: .relaxed) == 0 else { return }
        self.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
        onFirst()
      }
      source.resume()
      sources.append(source)
    }
  }

  /// The signal that came, if one did.
  var signalNumber: Int32? {
    let number = received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  var isStopRequested: Bool { signalNumber != nil }
}
