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
  /// Seconds without a byte after which a connection counts as broken.
  package var timeout: Double

  private var destination: String { folder + "/" + file.name }
  private var partPath: String { destination + ".part" }

  package init(file: DataCatalog.File, folder: String, timeout: Double = 30) {
    self.file = file
    self.folder = folder
    self.timeout = timeout
  }

  /// Fetches the file; returns at once if it is there. Blocks until it is done.
  ///
  /// - Parameters:
  ///   - attempts: how many connections may be tried.
  ///   - progress: called from another thread, whenever bytes have arrived.
  /// - Throws: `missingData` for a file that cannot be downloaded, `failedDownload` if no
  ///   connection brought all bytes or the checksum is wrong (the partial file is then removed),
  ///   `unwritableFile` if the folder or the disk refuses.
  package func run(
    attempts: Int = attemptLimit, progress: (@Sendable (DownloadProgress) -> Void)? = nil
  ) throws(CounterspikeError) {
    guard let address = file.url, let url = URL(string: address),
      let checksum = file.downloadChecksum
    else {
      throw CounterspikeError(
        .missingData,
        "\(file.name) cannot be downloaded; put a copy of it into \(folder).")
    }
    guard !FileManager.default.fileExists(atPath: destination) else { return }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw unwritable(folder, cause: error)
    }

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
      case .broken(let reason, let cause):
        guard attempt < attempts, partSize > before else {
          let size = partSize
          guard size > 0 else {
            try removePart()
            throw failure(address, reason, cause: cause)
          }
          throw failure(
            address,
            "\(reason); \(size) bytes are kept in \(partPath), and another try goes on from there",
            cause: cause)
        }
      }
      attempt += 1
    }
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

    let receiver = Receiver(handle: handle, offset: offset, name: file.name, progress: progress)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    session.dataTask(with: request).resume()
    let result = receiver.wait()
    session.finishTasksAndInvalidate()

    do {
      if result.writeError == nil { try handle.synchronize() }
      try handle.close()
    } catch {
      throw unwritable(partPath, cause: error)
    }
    if let error = result.writeError { throw unwritable(partPath, cause: error) }
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
        "\(address) was downloaded (\(size) bytes), but its SHA-256 is \(found), where "
          + "\(checksum) is expected; the file was removed. Try again, or put a sound copy of "
          + "\(file.name) into \(folder).")
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
      "\(address) could not be downloaded: \(reason). Check the network and try again; or fetch it "
        + "by other means and put it into \(folder), or into a folder of your own that you name "
        + "with --data or \(DataLocator.environmentVariable).",
      cause: cause)
  }

  private func unwritable(_ path: String, cause: (any Error)?) -> CounterspikeError {
    CounterspikeError(
      .unwritableFile,
      "\(path) cannot be written; check permissions and free space, or put a copy of "
        + "\(file.name) into a folder that you name with --data or "
        + "\(DataLocator.environmentVariable).",
      cause: cause)
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

    /// What the network says went wrong, without a full stop.
    var reason: String {
      let text = networkError?.localizedDescription ?? "the server gives no answer"
      return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
  }

  private let handle: FileHandle
  private let offset: Int64
  private let name: String
  private let progress: (@Sendable (DownloadProgress) -> Void)?
  private let state: Mutex<Result>
  private let finished = DispatchSemaphore(value: 0)

  init(
    handle: FileHandle, offset: Int64, name: String,
    progress: (@Sendable (DownloadProgress) -> Void)?
  ) {
    self.handle = handle
    self.offset = offset
    self.name = name
    self.progress = progress
    state = Mutex(Result(received: offset))
  }

  /// Blocks until the connection has ended.
  func wait() -> Result {
    finished.wait()
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
      return true
    }
    completionHandler(isWanted ? .allow : .cancel)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let report = state.withLock { state -> DownloadProgress? in
      guard state.writeError == nil else { return nil }
      do {
        try handle.write(contentsOf: data)
      } catch {
        state.writeError = error
        return nil
      }
      state.received += Int64(data.count)
      return DownloadProgress(file: name, receivedBytes: state.received, totalBytes: state.total)
    }
    if let report { progress?(report) } else { dataTask.cancel() }
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
