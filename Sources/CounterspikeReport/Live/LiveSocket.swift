internal import Counterspike

#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Glibc
#endif

/// A TCP socket over IPv4 or IPv6 that never blocks; closed with the last copy's end.
final class LiveSocket {
  let descriptor: Int32

  private init(_ descriptor: Int32) {
    self.descriptor = descriptor
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    // No program that the training starts is to hold the port.
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  deinit { close(descriptor) }

  /// A socket that waits for connections.
  ///
  /// - Parameters:
  ///   - address: of this machine, in numbers.
  ///   - port: 0: one that is free.
  /// - Throws: `invalidRecipe` for an address that is none; `libraryFailure` where the port is in use.
  static func listening(address: String, port: UInt16) throws(CounterspikeError) -> LiveSocket {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
    #if canImport(Glibc)
      unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    #else
      unsafe hints.ai_socktype = SOCK_STREAM
    #endif
    var list: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(address, "\(port)", &hints, &list)
    guard status == 0, let found = unsafe list else {
      throw CounterspikeError(
        .libraryFailure,
        "“\(address.excerpt)” is no address of an interface; write it in numbers, such as 127.0.0.1"
      )
    }
    defer { unsafe freeaddrinfo(found) }
    let descriptor = unsafe socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
    guard descriptor >= 0 else { throw failure(address, port) }
    let socket = LiveSocket(descriptor)
    var isOn: Int32 = 1
    _ = unsafe setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    guard unsafe bind(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0,
      listen(descriptor, 16) == 0
    else { throw failure(address, port) }
    return socket
  }

  private static func failure(_ address: String, _ port: UInt16) -> CounterspikeError {
    let reason = unsafe String(cString: strerror(errno))
    return CounterspikeError(
      .libraryFailure,
      "no page can be served at “\(address.excerpt)”, port \(port): \(reason); name another port or "
        + "address")
  }

  /// The port that it waits at.
  var port: UInt16 {
    var address = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = descriptor
    let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &size)
      }
    }
    guard status == 0 else { return 0 }
    // The port has the same place in the addresses of both families.
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        unsafe UInt16(bigEndian: $0.pointee.sin_port)
      }
    }
  }

  /// The next connection that is waiting; `nil`: there is none.
  func accepted() -> LiveSocket? {
    let descriptor = accept(descriptor, nil, nil)
    return descriptor < 0 ? nil : LiveSocket(descriptor)
  }

  /// What reading or writing came to.
  enum Progress {
    case bytes(Int)
    case notNow
    case ended
  }

  /// Reads what is there, behind the end of `buffer`.
  func read(into buffer: inout [UInt8], upTo limit: Int) -> Progress {
    var part = [UInt8](repeating: 0, count: limit)
    let count = unsafe recv(descriptor, &part, limit, 0)
    guard count > 0 else { return count < 0 && isNotNow ? .notNow : .ended }
    buffer += part.prefix(count)
    return .bytes(count)
  }

  /// Writes as much as goes.
  func write(_ bytes: ArraySlice<UInt8>) -> Progress {
    let descriptor = descriptor
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    let count = unsafe bytes.withUnsafeBytes {
      unsafe send(descriptor, $0.baseAddress, $0.count, flags)
    }
    guard count >= 0 else { return isNotNow ? .notNow : .ended }
    return .bytes(count)
  }

  private var isNotNow: Bool { errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR }

  /// Waits until something can be done with one of some sockets.
  ///
  /// - Returns: those of which that is so, by their places.
  static func ready(
    _ sockets: [(socket: LiveSocket, writes: Bool)], milliseconds: Int32
  ) -> [Int] {
    var list = sockets.map { socket, writes in
      pollfd(fd: socket.descriptor, events: Int16(writes ? POLLOUT : POLLIN), revents: 0)
    }
    guard unsafe poll(&list, nfds_t(list.count), milliseconds) > 0 else { return [] }
    return list.indices.filter { list[$0].revents != 0 }
  }
}
