package import Counterspike
internal import Foundation
internal import Synchronization

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// How far a download, or the unpacking of an archive, has come.
public struct DownloadProgress: Sendable, Equatable {
  /// What is done with a file.
  public enum Activity: String, Sendable {
    case downloading
    case unpacking
    /// Another process fetches or unpacks the same, and is waited for.
    case waiting
  }

  public var activity = Activity.downloading
  /// The name of the file.
  public var file: String
  /// Bytes on disk so far, those of an earlier attempt included; of an archive, those read.
  public var receivedBytes: Int64
  /// Bytes of the whole file, if the server says so.
  public var totalBytes: Int64?
}

/// Fetches one file into a folder, all of it or nothing.
///
/// One at a time: whoever comes while another process fetches the same file waits, and then finds it.
/// The bytes go to a file with the suffix `.part`. If the connection breaks, that file stays, and
/// the next attempt asks the server for the rest of it (an HTTP range request); a server that sends
/// everything instead is taken at its word. When the last byte is there, the checksum is compared,
/// the file is forced to disk and renamed, so that under its final name it is always complete.
package struct Download: Sendable {
  /// Connections that are tried one after the other, as long as each brings new bytes.
  package static let attemptLimit = 5

  /// What is fetched.
  package var file: DataCatalog.File
  /// The folder that it is put in; created if need be.
  package var folder: String
  /// Seconds after which a connection that has brought less than ``leastBytes`` counts as broken.
  package var timeout: Double
  /// What a connection must bring in each ``timeout``: a server that sends a byte now and then would
  /// be waited for without an end.
  package static let leastBytes: Int64 = 1024
  /// The most bytes that the file can have.
  package var largestSize: Int64

  private var destination: String { folder + "/" + file.name }
  private var partPath: String { destination + ".part" }

  package init(
    file: DataCatalog.File, folder: String, timeout: Double = 30, largestSize: Int64 = 1 << 34
  ) {
    self.file = file
    self.folder = folder
    self.timeout = timeout
    self.largestSize = largestSize
  }

  /// Fetches the file; returns at once if it is there. Blocks until it is done.
  ///
  /// - Parameters:
  ///   - attempts: how many connections may be tried.
  ///   - progress: called from another thread, whenever bytes have arrived.
  /// - Throws: `missingData` for a file that cannot be downloaded, `failedDownload` if no
  ///   connection brought all bytes or the checksum is wrong (the partial file is then removed),
  ///   `unwritableFile` if the folder or the disk refuses, or something that is no plain file stands
  ///   where the file goes.
  package func run(
    attempts: Int = attemptLimit, progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) {
    guard let address = file.url, let url = URL(string: address),
      let checksum = file.downloadChecksum
    else {
      throw CounterspikeError(
        .missingData,
        "“\(file.name.excerpt)” cannot be downloaded; put a copy of it into “\(folder.excerpt)”")
    }
    if try isThere() { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw unwritable(folder, cause: error)
    }
    let lock = try PlaceLock("\(folder)/.\(file.name).lock") {
      progress?(
        DownloadProgress(activity: .waiting, file: file.name, receivedBytes: partSize))
    }
    defer { withExtendedLifetime(lock) {} }
    // Another may have been as quick.
    if try isThere() { return }
    try checkPart()

    var attempt = 1
    while true {
      let before = partSize
      switch try fetch(url, from: before, progress: progress) {
      case .complete:
        return try finish(checksum: checksum, address: address)
      case .unsatisfiableRange:
        // The partial file is complete, if it is sound; if not, it is of no use.
        if before > 0, try Checksum.sha256(ofFile: partPath) == checksum {
          return try finish(checksum: checksum, address: address)
        }
        guard attempt < attempts, before > 0 else {
          throw failure(address, "the server refuses the request")
        }
        try removePart()
      case .tooLarge(let size):
        try removePart()
        throw failure(
          address, "it has \(size) bytes or more, where at most \(largestSize) are expected")
      case .redirected(let text):
        if partSize == 0 { try removePart() }
        throw failure(address, "the server sends us on to “\(text.excerpt)”, which is not followed")
      case .broken(let reason, let cause):
        guard attempt < attempts, partSize > before else {
          let size = partSize
          guard size > 0 else {
            try removePart()
            throw failure(address, reason, cause: cause)
          }
          throw failure(
            address,
            "\(reason); \(size) bytes are kept in “\(partPath.excerpt)”, and another try goes on from there",
            cause: cause)
        }
      }
      attempt += 1
    }
  }

  /// Whether the file is there already, all of it.
  ///
  /// - Throws: `unwritableFile` where something else has its name.
  private func isThere() throws(CounterspikeError) -> Bool {
    guard let status = WholeFile.status(of: destination) else { return false }
    guard status.isPlain else { throw noFile(destination) }
    return true
  }

  /// Makes sure that the partial file, if there is one, can be gone on with.
  ///
  /// - Throws: `unwritableFile` for what is no plain file: a link would be written through, a pipe waited
  ///   at.
  private func checkPart() throws(CounterspikeError) {
    // Of a link, its own.
    let attributes = try? FileManager.default.attributesOfItem(atPath: partPath)
    guard let type = attributes?[.type] as? FileAttributeType else { return }
    guard type == .typeRegular else { throw noFile(partPath) }
    if partSize > largestSize { try removePart() }
  }

  private func noFile(_ path: String) -> CounterspikeError {
    CounterspikeError(
      .unwritableFile,
      "“\(path.excerpt)” is no plain file, and stands where the download of "
        + "“\(file.name.excerpt)” goes; remove it")
  }

  /// The bytes that earlier attempts have brought.
  private var partSize: Int64 {
    let attributes = try? FileManager.default.attributesOfItem(atPath: partPath)
    return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
  }

  private enum Outcome {
    /// All bytes are in the partial file.
    case complete
    /// The server has no bytes beyond those in the partial file.
    case unsatisfiableRange
    /// The server has more bytes than the file can have.
    case tooLarge(Int64)
    /// The server names another address, which is no web address or one too many.
    case redirected(to: String)
    /// The connection failed or ended early.
    case broken(reason: String, cause: (any Error)?)
  }

  /// Opens one connection, and appends what it brings to the partial file.
  private func fetch(
    _ url: URL, from offset: Int64, progress: (@Sendable (DownloadProgress) -> Void)?
  ) throws(CounterspikeError) -> Outcome {
    if !FileManager.default.fileExists(atPath: partPath) {
      guard FileManager.default.createFile(atPath: partPath, contents: nil) else {
        throw unwritable(partPath, cause: nil)
      }
    }
    let handle: FileHandle
    do {
      handle = try FileHandle(forWritingTo: URL(fileURLWithPath: partPath))
    } catch {
      throw unwritable(partPath, cause: error)
    }

    var request = URLRequest(
      url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout)
    // The checksum is that of the file, not of what a server might pack for the way.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }

    let receiver = Receiver(
      handle: handle, offset: offset, name: file.name, largestSize: largestSize,
      progress: progress)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    let task = session.dataTask(with: request)
    task.resume()
    let result = receiver.wait(stopping: task, after: timeout)
    session.finishTasksAndInvalidate()

    do {
      if result.writeError == nil { try handle.synchronize() }
      try handle.close()
    } catch {
      throw unwritable(partPath, cause: error)
    }
    if let error = result.writeError { throw unwritable(partPath, cause: error) }
    if let address = result.refusedAddress { return .redirected(to: address) }
    if result.isTooLarge { return .tooLarge(max(result.received, result.total ?? 0)) }
    if result.isTimedOut {
      let reason = "fewer than \(Self.leastBytes) bytes came in \(timeout) seconds"
      return .broken(reason: reason, cause: nil)
    }
    switch result.status {
    case 416: return .unsatisfiableRange
    case 200, 206: break
    case nil:
      return .broken(reason: result.reason, cause: result.networkError)
    case .some(let status):
      return .broken(reason: "the server answers with HTTP status \(status)", cause: nil)
    }
    if let error = result.networkError { return .broken(reason: result.reason, cause: error) }
    if let total = result.total, result.received != total {
      return .broken(
        reason: "the connection ended after \(result.received) of \(total) bytes", cause: nil)
    }
    return .complete
  }

  /// Checks the partial file and gives it its final name.
  private func finish(checksum: String, address: String) throws(CounterspikeError) {
    let found = try Checksum.sha256(ofFile: partPath)
    guard found == checksum else {
      let size = partSize
      try removePart()
      throw CounterspikeError(
        .failedDownload,
        "\(address.excerpt) was downloaded (\(size) bytes), but its SHA-256 is \(found), where "
          + "\(checksum) is expected; the file was removed: try again, or put a sound copy of "
          + "“\(file.name.excerpt)” into “\(folder.excerpt)”")
    }
    do {
      try FileManager.default.moveItem(atPath: partPath, toPath: destination)
    } catch {
      // Another process may have been as quick, with the same bytes.
      guard FileManager.default.fileExists(atPath: destination) else {
        throw unwritable(destination, cause: error)
      }
      try removePart()
    }
  }

  private func removePart() throws(CounterspikeError) {
    do {
      try FileManager.default.removeItem(atPath: partPath)
    } catch {
      throw unwritable(partPath, cause: error)
    }
  }

  private func failure(
    _ address: String, _ reason: String, cause: (any Error)? = nil
  ) -> CounterspikeError {
    CounterspikeError(
      .failedDownload,
      "\(address.excerpt) could not be downloaded: \(reason); check the network and try again, or "
        + "fetch it by other means and put it into “\(folder.excerpt)” or a folder of your own",
      remedy: .nameDataFolder, cause: cause)
  }

  private func unwritable(_ path: String, cause: (any Error)?) -> CounterspikeError {
    CounterspikeError(
      .unwritableFile,
      "“\(path.excerpt)” cannot be written; check permissions and free space, or put a copy of "
        + "“\(file.name.excerpt)” into a folder of your own",
      remedy: .nameDataFolder, cause: cause)
  }
}

/// Writes what a connection brings to a file, and lets one thread wait for the end.
private final class Receiver: NSObject, URLSessionDataDelegate {
  struct Result: Sendable {
    /// The HTTP status, if there was an answer.
    var status: Int?
    /// Bytes in the file, those of earlier attempts included.
    var received: Int64
    /// Bytes of the whole file, if the server says so.
    var total: Int64?
    var networkError: (any Error)?
    var writeError: (any Error)?
    /// More bytes than the file can have.
    var isTooLarge = false
    var isTimedOut = false
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

  /// Addresses that a server may send to one after the other.
  private static let redirectionLimit = 5

  private let handle: FileHandle
  private let offset: Int64
  private let name: String
  private let largestSize: Int64
  private let progress: (@Sendable (DownloadProgress) -> Void)?
  private let state: Mutex<Result>
  private let finished = DispatchSemaphore(value: 0)

  init(
    handle: FileHandle, offset: Int64, name: String, largestSize: Int64,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) {
    self.handle = handle
    self.offset = offset
    self.name = name
    self.largestSize = largestSize
    self.progress = progress
    state = Mutex(Result(received: offset, activeBytes: offset))
  }

  /// Blocks until the connection has ended, or has brought next to nothing for `timeout` seconds.
  ///
  /// The session's own time-out is not enough: it is another while names are looked up and connections
  /// are made, and on Linux begins anew with each attempt of these.
  func wait(stopping task: URLSessionDataTask, after timeout: Double) -> Result {
    let clock = ContinuousClock()
    state.withLock { $0.lastActivity = clock.now }
    while finished.wait(timeout: .now() + min(timeout / 4, 1)) == .timedOut {
      let isOver = state.withLock { state in
        guard clock.now - state.lastActivity > .seconds(timeout) else { return false }
        state.isTimedOut = true
        return true
      }
      guard isOver else { continue }
      task.cancel()
      // Whoever was called meanwhile finds the handle still open.
      _ = finished.wait(timeout: .now() + 5)
      break
    }
    return state.withLock { $0 }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    guard let response = response as? HTTPURLResponse else { return completionHandler(.cancel) }
    let length = response.expectedContentLength
    let isWanted = state.withLock { state in
      state.status = response.statusCode
      do {
        switch response.statusCode {
        case 206 where Self.firstByte(of: response) == offset:
          try handle.seek(toOffset: UInt64(offset))
          state.received = offset
        case 200:
          try handle.truncate(atOffset: 0)
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
      guard state.writeError == nil, !state.isTimedOut else { return nil }
      guard state.received + Int64(data.count) <= largestSize else {
        state.isTooLarge = true
        return nil
      }
      do {
        try handle.write(contentsOf: data)
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
