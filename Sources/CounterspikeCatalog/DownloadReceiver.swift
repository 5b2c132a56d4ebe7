internal import Counterspike
internal import CounterspikeFormats
internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// Writes what a connection brings to a file, and lets one thread wait for the end.
final class DownloadReceiver: NSObject, URLSessionDataDelegate {
  struct Result: Sendable {
    /// The HTTP status, if there was an answer.
    var status: Int?
    /// Bytes in the file, those of earlier attempts included.
    var received: Int64
    /// Bytes of the whole file, if the server says so.
    var total: Int64?
    var networkError: (any Error)?
    var writeError: CounterspikeError?
    /// More bytes than the file can have.
    var isTooLarge = false
    /// Why it was broken off.
    var slowness: Slowness?
    /// When the connection last had brought enough, and how many bytes there were then.
    var lastActivity = ContinuousClock().now
    var activeBytes: Int64 = 0
    var redirections = 0
    /// The address that the server sends to, where it is not followed.
    var refusedAddress: String?

    /// What the network says went wrong, without a full stop.
    var reason: String {
      let text = networkError?.localizedDescription ?? "the server gives no answer"
      return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
  }

  enum Slowness: Sendable {
    /// Next to nothing came.
    case stalled
    /// Too little came in all these seconds.
    case slow(seconds: Double)
  }

  /// Addresses that a server may send to one after the other.
  private static let redirectionLimit = 5

  private let part: PartFile
  private let offset: Int64
  private let name: String
  private let largestSize: Int64
  private let progress: (@Sendable (DownloadProgress) -> Void)?
  private let state: Mutex<Result>
  private let finished = DispatchSemaphore(value: 0)

  init(
    _ part: consuming PartFile, offset: Int64, name: String, largestSize: Int64,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) {
    self.part = part
    self.offset = offset
    self.name = name
    self.largestSize = largestSize
    self.progress = progress
    state = Mutex(Result(received: offset, activeBytes: offset))
  }

  /// Blocks until the connection has ended, has brought next to nothing for `timeout` seconds, or has
  /// brought less than `leastRate` bytes a second, four times `timeout` aside.
  ///
  /// The session's own time-out is not enough: it is another while names are looked up and connections
  /// are made, and on Linux begins anew with each attempt of these.
  func wait(
    stopping task: URLSessionDataTask, after timeout: Double, leastRate: Double
  ) -> Result {
    let clock = ContinuousClock()
    let start = clock.now
    state.withLock { $0.lastActivity = start }
    while finished.wait(timeout: .now() + min(timeout / 4, 1)) == .timedOut {
      let isOver = state.withLock { state in
        let seconds = (clock.now - start) / .seconds(1)
        let received = max(0, state.received - offset)
        if clock.now - state.lastActivity > .seconds(timeout) {
          state.slowness = .stalled
        } else if seconds > 4 * timeout + Double(received) / leastRate {
          state.slowness = .slow(seconds: seconds)
        }
        return state.slowness != nil
      }
      guard isOver else { continue }
      task.cancel()
      // Whoever was called meanwhile finds the file still open.
      _ = finished.wait(timeout: .now() + 5)
      break
    }
    return state.withLock { $0 }
  }

  /// Waits until the disk has what came.
  ///
  /// - Returns: why it has not.
  func synchronize() -> CounterspikeError? {
    do {
      try part.synchronize()
      return nil
    } catch {
      return error
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    guard let response = response as? HTTPURLResponse else { return completionHandler(.cancel) }
    let length = response.expectedContentLength
    let isWanted = state.withLock { state in
      state.status = response.statusCode
      do throws(CounterspikeError) {
        switch response.statusCode {
        case 206 where Self.firstByte(of: response) == offset:
          state.received = offset
        case 200:
          try part.empty()
          state.received = 0
        case 206:
          // Another range than asked for; of no use.
          state.status = 416
          return false
        default:
          return false
        }
      } catch {
        state.writeError = error
        return false
      }
      state.total = length >= 0 ? state.received + length : nil
      state.lastActivity = ContinuousClock().now
      state.activeBytes = state.received
      state.isTooLarge = (state.total ?? 0) > largestSize
      return !state.isTooLarge
    }
    completionHandler(isWanted ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let report = state.withLock { state -> DownloadProgress? in
      guard state.writeError == nil, state.slowness == nil else { return nil }
      guard state.received + Int64(data.count) <= largestSize else {
        state.isTooLarge = true
        return nil
      }
      do throws(CounterspikeError) {
        try part.append([UInt8](data))
      } catch {
        state.writeError = error
        return nil
      }
      state.received += Int64(data.count)
      if state.received - state.activeBytes >= Download.leastBytes {
        state.lastActivity = ContinuousClock().now
        state.activeBytes = state.received
      }
      return DownloadProgress(file: name, receivedBytes: state.received, totalBytes: state.total)
    }
    if let report { progress?(report) } else { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask,
    willPerformHTTPRedirection response: HTTPURLResponse, newRequest request: URLRequest,
    completionHandler: @escaping (URLRequest?) -> Void
  ) {
    let isWeb = ["http", "https"].contains(request.url?.scheme?.lowercased() ?? "")
    let isFollowed = state.withLock { state in
      state.redirections += 1
      guard isWeb, state.redirections <= Self.redirectionLimit else {
        state.refusedAddress = request.url?.absoluteString ?? ""
        return false
      }
      return true
    }
    completionHandler(isFollowed ? request : nil)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    state.withLock { $0.networkError = error }
    finished.signal()
  }

  /// The first byte that the answer to a range request holds: 5 of `bytes 5-9/10`.
  private static func firstByte(of response: HTTPURLResponse) -> Int64? {
    guard let range = response.value(forHTTPHeaderField: "Content-Range") else { return nil }
    let parts = range.split { $0 == " " || $0 == "-" }
    return parts.count > 1 ? Int64(parts[1]) : nil
  }
}
