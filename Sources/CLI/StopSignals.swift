internal import CStopSignals

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
    let text = Array((notice ?? "").utf8)
    // Never freed: a signal may come at any time.
    let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.count)
    _ = unsafe bytes.initialize(from: text.map { CChar(bitPattern: $0) })
    unsafe counterspike_stop_signals_install(bytes.baseAddress, bytes.count)
  }

  /// The signal that came, if one did.
  var signalNumber: Int32? {
    let number = counterspike_stop_signals_received()
    return number == 0 ? nil : number
  }

  var isStopRequested: Bool { signalNumber != nil }
}
