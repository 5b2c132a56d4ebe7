internal import Foundation
internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) as a flag that the training loop looks at.
///
/// The first signal asks to stop; Ctrl-C or SIGTERM once more ends the program at once.
///
/// What ends a terminal or a service sends several signals within milliseconds and means one thing: the
/// shell and the system tell of the same terminal's end, a service gets SIGTERM and SIGHUP. So nothing
/// that follows the first signal by less than half a second counts, nor does SIGHUP ever.
///
/// The flag is set in the signal's handler, without a thread: Dispatch, which would need one, waits for
/// ever where the system starts no more threads.
struct StopSignals {
  /// - Parameter notice: written to standard error at the first signal; `nil`: nothing is.
  init(notice: String?) {
    StopState.shared.prepare(notice)
    // Who was started by a thread that blocks signals has them blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&signals, number) }
    defer { unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
    for number in [SIGINT, SIGTERM, SIGHUP] {
      let before = signal(number) { StopState.shared.receive($0) }
      // Whoever starts a training by nohup wants it to outlive the terminal.
      if number == SIGHUP, Self.isIgnoring(before) { signal(number, SIG_IGN) }
    }
  }

  private static func isIgnoring(_ handler: (@convention(c) (Int32) -> Void)?) -> Bool {
    unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// The signal that came, if one did.
  var signalNumber: Int32? {
    let number = StopState.shared.received.load(ordering: .relaxed)
    return number == 0 ? nil : number
  }

  var isStopRequested: Bool { signalNumber != nil }
}

/// What the handler writes to. It calls only what a handler may: atomics, `write`, `clock_gettime` and
/// `_exit`; nothing in it allocates or takes a lock.
private final class StopState: Sendable {
  static let shared = StopState()

  let received = Atomic<Int32>(0)
  /// When the first signal came, by the system's clock that never goes back, in nanoseconds.
  private let time = Atomic<Int>(0)
  /// The notice's bytes, never freed: a signal may come at any time.
  private let notice = Atomic<UInt>(0)
  private let noticeLength = Atomic<Int>(0)

  func prepare(_ text: String?) {
    guard let text else { return }
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
    _ = unsafe bytes.initialize(from: text.utf8)
    notice.store(UInt(bitPattern: bytes.baseAddress), ordering: .relaxed)
    noticeLength.store(text.utf8.count, ordering: .relaxed)
  }

  func receive(_ number: Int32) {
    let now = Self.now()
    if time.compareExchange(expected: 0, desired: now, ordering: .relaxed).exchanged {
      received.store(number, ordering: .relaxed)
      let count = noticeLength.load(ordering: .relaxed)
      guard count > 0 else { return }
      let text = unsafe UnsafeRawPointer(bitPattern: notice.load(ordering: .relaxed))
      let before = errno
      _ = unsafe write(STDERR_FILENO, text, count)
      errno = before
    } else if number != SIGHUP, now > time.load(ordering: .relaxed) + 500_000_000 {
      // Without waiting for other threads, nor for anything that wants to run at an exit.
      _exit(128 + number)
    }
  }

  private static func now() -> Int {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
  }
}
