package import Counterspike
package import CounterspikeFormats
internal import Foundation

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

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
  /// Bytes a second that a connection must bring on average, four times ``timeout`` aside. So no
  /// connection takes longer than these and the file's size by this rate.
  package var leastRate: Double
  /// The most bytes that the file can have.
  package var largestSize: Int64

  private var destination: String { folder + "/" + file.name }
  private var partPath: String { destination + ".part" }

  package init(
    file: DataCatalog.File, folder: String, timeout: Double = 30, leastRate: Double = 8192,
    largestSize: Int64 = 1 << 34
  ) {
    self.file = file
    self.folder = folder
    self.timeout = timeout
    self.leastRate = leastRate
    self.largestSize = largestSize
  }

  /// Fetches the file; returns at once if it is there. Blocks until it is done.
  ///
  /// - Parameters:
  ///   - attempts: how many connections may be tried.
  ///   - progress: called from another thread, whenever bytes have arrived.
  /// - Throws: `missingData` for a file that cannot be downloaded, `failedDownload` if no
  ///   connection brought all bytes or the checksum is wrong (the partial file is then removed),
  ///   `unwritableFile` if the folder or the disk refuses (likewise), or something that is no plain file
  ///   stands where the file goes, `libraryFailure` where no more threads can be started.
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
      try NewFolder.make(folder)
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
    // Dispatch, which the connection works by, tries for ever to start the threads that it needs.
    try ThreadProbe.require(Self.threads, for: "the download of “\(file.name.excerpt)”")

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

  /// Threads of a connection: of its queue, of the delegate's, of looking names up, and one to spare.
  private static let threads = 4

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
    let part: PartFile
    do {
      part = try PartFile(partPath)
    } catch {
      throw full(error)
    }
    var request = URLRequest(
      url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout)
    // The checksum is that of the file, not of what a server might pack for the way.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    if offset > 0 { request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range") }

    let receiver = DownloadReceiver(
      part, offset: offset, name: file.name, largestSize: largestSize, progress: progress)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    let session = URLSession(configuration: configuration, delegate: receiver, delegateQueue: nil)
    let task = session.dataTask(with: request)
    task.resume()
    let result = receiver.wait(stopping: task, after: timeout, leastRate: leastRate)
    session.finishTasksAndInvalidate()

    if let error = result.writeError ?? receiver.synchronize() { throw full(error) }
    if let address = result.refusedAddress { return .redirected(to: address) }
    if result.isTooLarge { return .tooLarge(max(result.received, result.total ?? 0)) }
    switch result.slowness {
    case .stalled:
      let reason = "fewer than \(Self.leastBytes) bytes came in \(timeout) seconds"
      return .broken(reason: reason, cause: nil)
    case .slow(let seconds):
      let reason =
        "\(result.received - offset) bytes came in \(Int(seconds)) seconds, fewer than "
        + "\(Int(leastRate)) a second"
      return .broken(reason: reason, cause: nil)
    case nil: break
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

  /// The disk does not take what came: all of it is removed, so that there is room again.
  private func full(_ error: CounterspikeError) -> CounterspikeError {
    try? FileManager.default.removeItem(atPath: partPath)
    return CounterspikeError(
      error.code,
      "\(error.message); what came of “\(file.name.excerpt)” was removed from “\(folder.excerpt)”: "
        + "another cache is named by XDG_CACHE_HOME", cause: error)
  }

  private func unwritable(_ path: String, cause: (any Error)?) -> CounterspikeError {
    CounterspikeError(
      .unwritableFile,
      "“\(path.excerpt)” cannot be written; check permissions and free space, or put a copy of "
        + "“\(file.name.excerpt)” into a folder of your own",
      remedy: .nameDataFolder, cause: cause)
  }
}
