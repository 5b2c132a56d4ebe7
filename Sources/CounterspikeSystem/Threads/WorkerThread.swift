#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A thread of which it is known whether it was started: Foundation's tells nobody, and whoever waits
/// for its work then waits for ever.
package enum WorkerThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a thread that nobody waits for.
  ///
  /// - Throws: `libraryFailure` where the system gives no more threads, or no memory for its stack.
  package static func start(
    stackBytes: Int, _ body: @escaping @Sendable () -> Void
  ) throws(CounterspikeError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, stackBytes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let context = unsafe Unmanaged.passRetained(Body(body))
    #if canImport(Darwin)
      var thread: pthread_t?
    #else
      var thread = pthread_t()
    #endif
    // No handler runs on such a thread: oneDNN's generated code points the stack pointer at memory of its
    // own, which a handler's frame would overwrite. What a fault of the thread itself raises stays.
    var signals = sigset_t()
    var before = sigset_t()
    unsafe sigfillset(&signals)
    for number in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] {
      unsafe sigdelset(&signals, number)
    }
    unsafe pthread_sigmask(SIG_BLOCK, &signals, &before)
    defer { unsafe pthread_sigmask(SIG_SETMASK, &before, nil) }
    let status = unsafe pthread_create(
      &thread, &attributes,
      { context in
        #if canImport(Darwin)
          let opaque: UnsafeMutableRawPointer? = unsafe context
        #else
          let opaque = unsafe context
        #endif
        if let opaque = unsafe opaque {
          let body = unsafe Unmanaged<Body>.fromOpaque(opaque).takeRetainedValue()
          body.run()
        }
        return nil
      }, context.toOpaque())
    guard status != 0 else { return }
    unsafe context.release()
    throw CounterspikeError(
      .libraryFailure,
      "the system starts no more threads: \(unsafe String(cString: strerror(status))); use fewer "
        + "threads, or raise the limit of processes or of memory",
      remedy: .useFewerWorkers)
  }
}
