/// How far a download, or the unpacking of an archive, has come.
public struct DownloadProgress: Sendable, Equatable {
  /// What is done with a file.
  public enum Activity: String, Sendable {
    case downloading
    case unpacking
    /// Another process fetches or unpacks the same, and is waited for.
    case waiting
  }

  public var activity: Activity
  /// The name of the file.
  public var file: String
  /// Bytes on disk so far, those of an earlier attempt included; of an archive, those read.
  public var receivedBytes: Int64
  /// Bytes of the whole file, if the server says so.
  public var totalBytes: Int64?

  package init(
    activity: Activity = .downloading, file: String, receivedBytes: Int64, totalBytes: Int64? = nil
  ) {
    self.activity = activity
    self.file = file
    self.receivedBytes = receivedBytes
    self.totalBytes = totalBytes
  }
}
