internal import Counterspike
internal import Synchronization

/// Answers requests on a thread of its own: few connections at a time, each for one short request and a
/// few seconds only.
///
/// Everything from outside is limited: the bytes of a request, the time that it may take, the number of
/// connections. Whoever exceeds a limit is cut off, and the training notices nothing.
final class LiveServer: Sendable {
  /// The most connections at a time; the oldest gives way to a new one.
  static let connections = 32
  /// Seconds that a connection may last.
  static let patience = Duration.seconds(10)

  let port: UInt16
  private let isClosed = Atomic(false)
  private let hasEnded = Atomic(false)

  /// - Parameters:
  ///   - address: of this machine, in numbers.
  ///   - port: 0: one that is free.
  ///   - answer: to a request; called on the server's thread.
  /// - Throws: as ``LiveSocket/listening(address:port:)``; `libraryFailure` where there is no thread.
  init(
    address: String, port: UInt16, answer: @escaping @Sendable (LiveRequest) -> LiveResponse
  ) throws(CounterspikeError) {
    let socket = try LiveSocket.listening(address: address, port: port)
    self.port = socket.port
    let listener = Handed(socket)
    try WorkerThread.start(stackBytes: 1 << 18) { [self] in
      serve(listener.value, answer)
      hasEnded.store(true, ordering: .releasing)
    }
  }

  /// A value that one thread hands to another and no longer uses.
  private struct Handed: @unchecked Sendable {
    let value: LiveSocket
    init(_ value: LiveSocket) { self.value = value }
  }

  /// Ends the serving within a moment.
  func close() { isClosed.store(true, ordering: .relaxed) }

  /// The port is free again.
  var isEnded: Bool { hasEnded.load(ordering: .acquiring) }

  private struct Connection {
    let socket: LiveSocket
    let deadline: ContinuousClock.Instant
    var received: [UInt8] = []
    /// What is yet to be written; `nil`: the request is not complete.
    var response: ArraySlice<UInt8>?
    var isDone = false
  }

  private func serve(
    _ listener: LiveSocket, _ answer: (LiveRequest) -> LiveResponse
  ) {
    let clock = ContinuousClock()
    var connections: [Connection] = []
    while !isClosed.load(ordering: .relaxed) {
      let ready = LiveSocket.ready(
        connections.map { ($0.socket, $0.response != nil) } + [(listener, false)],
        milliseconds: 250)
      for place in ready where place < connections.count {
        advance(&connections[place], answer)
      }
      let now = clock.now
      connections.removeAll { $0.isDone || now > $0.deadline }
      guard ready.last == nil || !ready.isEmpty else { continue }
      while let socket = listener.accepted() {
        connections.append(Connection(socket: socket, deadline: now + Self.patience))
        if connections.count > Self.connections { connections.removeFirst() }
      }
    }
  }

  private func advance(
    _ connection: inout Connection, _ answer: (LiveRequest) -> LiveResponse
  ) {
    guard let response = connection.response else {
      switch connection.socket.read(into: &connection.received, upTo: LiveRequest.limit) {
      case .notNow: return
      case .ended: connection.isDone = true
      case .bytes:
        switch LiveRequest.read(connection.received) {
        case .incomplete: return
        case .refused(let status): connection.response = LiveResponse(status).bytes()[...]
        case .request(let request):
          connection.response = answer(request).bytes(hasBody: request.method != "HEAD")[...]
        }
      }
      return
    }
    switch connection.socket.write(response) {
    case .notNow: return
    case .ended: connection.isDone = true
    case .bytes(let count):
      let rest = response.dropFirst(count)
      connection.response = rest
      connection.isDone = rest.isEmpty
    }
  }
}
