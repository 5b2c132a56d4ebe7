import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A web server on 127.0.0.1 that serves a few files, well or badly.
final class LocalServer: Sendable {
  /// What is done with one request.
  enum Behaviour: Sendable {
    /// All as it should be, ranges included.
    case serve
    /// The whole file, whatever range is asked for.
    case ignoreRange
    /// A range that begins one byte after what is asked for.
    case wrongRange
    /// The connection is closed after this many bytes of the body.
    case cut(after: Int)
    /// The first byte of the body is wrong.
    case corrupt
    /// No file but this status.
    case refuse(Int)
    /// Half of the body, and then nothing for some seconds.
    case stall(seconds: Double)
    /// No answer at all for some seconds.
    case silent(seconds: Double)
    /// All of it, some bytes at a time with this long between them, as long as somebody listens.
    case drip(bytes: Int = 1, seconds: Double)
    /// Another address.
    case redirect(to: String)
    /// An answer that does not say how long it is, and is this long.
    case endless(bytes: Int)
  }

  struct Failure: Error {
    var call: String
  }

  let address: String
  private let socket: Int32
  private let files: [String: [UInt8]]
  private let state: Mutex<(behaviours: [Behaviour], ranges: [String])>

  /// - Parameters:
  ///   - files: content by name.
  ///   - behaviours: one for each request in turn; the last one for all that follow.
  init(files: [String: [UInt8]], behaviours: [Behaviour] = [.serve]) throws {
    self.files = files
    state = Mutex((behaviours, []))
    #if canImport(Darwin)
      socket = Foundation.socket(AF_INET, SOCK_STREAM, 0)
    #else
      socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #endif
    guard socket >= 0 else { throw Failure(call: "socket") }

    var local = sockaddr_in()
    local.sin_family = sa_family_t(AF_INET)
    local.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = socket
    let isBound = withUnsafeMutablePointer(to: &local) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isBound else { throw Failure(call: "bind") }
    address = "http://127.0.0.1:\(UInt16(bigEndian: local.sin_port))/"
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0 else {
          #if !canImport(Darwin)
            close(descriptor)
          #endif
          return
        }
        answer(connection)
        close(connection)
      }
    }
  }

  /// The `Range` of each request so far; empty where it had none.
  var ranges: [String] { state.withLock { $0.ranges } }

  /// Refuses connections from now on.
  func stop() {
    shutdown(socket, Int32(2))
    // Elsewhere that ends `accept`, and who waits there closes: were it closed here, another server
    // could get the number, and its connections be taken by this one.
    #if canImport(Darwin)
      close(socket)
    #endif
  }

  private func answer(_ connection: Int32) {
    var request = [UInt8]()
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !String(decoding: request, as: UTF8.self).contains("\r\n\r\n") {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      request += buffer[..<count]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let name = String(lines[0].split(separator: " ")[1].dropFirst())
    let range =
      lines.first { $0.lowercased().hasPrefix("range:") }?
      .dropFirst(6).trimmingCharacters(in: .whitespaces) ?? ""
    let behaviour = state.withLock { state in
      state.ranges.append(range)
      return state.behaviours.count > 1 ? state.behaviours.removeFirst() : state.behaviours[0]
    }

    guard let file = files[name] else { return send(connection, "404 Not Found", [:], []) }
    var first = range.split { $0 == "=" || $0 == "-" }.dropFirst().first.flatMap { Int($0) } ?? 0
    if case .ignoreRange = behaviour { first = 0 }
    if case .wrongRange = behaviour { first += 1 }
    guard first < file.count else {
      return send(
        connection, "416 Range Not Satisfiable", ["Content-Range": "bytes */\(file.count)"], [])
    }
    var body = Array(file[first...])
    let length = body.count
    switch behaviour {
    case .serve, .ignoreRange, .wrongRange: break
    case .cut(let count): body = Array(body.prefix(count))
    case .corrupt: body[0] ^= 0xFF
    case .refuse(let status): return send(connection, "\(status) Refused", [:], [])
    case .stall(let seconds):
      send(connection, "200 OK", ["Content-Length": "\(length)"], Array(body.prefix(length / 2)))
      return Thread.sleep(forTimeInterval: seconds)
    case .silent(let seconds): return Thread.sleep(forTimeInterval: seconds)
    case .drip(let count, let seconds):
      send(connection, "200 OK", ["Content-Length": "\(length)"], [])
      for first in stride(from: 0, to: length, by: count) {
        guard transmit(Array(body[first..<min(first + count, length)]), to: connection) else {
          return
        }
        Thread.sleep(forTimeInterval: seconds)
      }
      return
    case .redirect(let address):
      return send(connection, "302 Found", ["Location": address], [])
    case .endless(let count):
      body = [UInt8](repeating: 7, count: count)
      return send(connection, "200 OK", ["Content-Length": nil], body)
    }
    var headers: [String: String?] = ["Content-Length": "\(length)"]
    if first > 0 { headers["Content-Range"] = "bytes \(first)-\(file.count - 1)/\(file.count)" }
    send(connection, first > 0 ? "206 Partial Content" : "200 OK", headers, body)
  }

  private func send(
    _ connection: Int32, _ status: String, _ headers: [String: String?], _ body: [UInt8]
  ) {
    var lines = ["HTTP/1.1 \(status)", "Connection: close"]
    if headers["Content-Length"] == nil { lines.append("Content-Length: \(body.count)") }
    lines += headers.compactMap { key, value in value.map { "\(key): \($0)" } }
    transmit(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body, to: connection)
  }

  /// - Returns: whether all of it was taken.
  @discardableResult
  private func transmit(_ bytes: [UInt8], to connection: Int32) -> Bool {
    #if canImport(Darwin)
      let flags: Int32 = 0
    #else
      let flags = Int32(MSG_NOSIGNAL)
    #endif
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Foundation.send(
          connection, buffer.baseAddress.map { $0 + sent }, bytes.count - sent, flags)
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}
