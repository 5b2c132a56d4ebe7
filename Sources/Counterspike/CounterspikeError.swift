/// What goes wrong outside the program: files, recipes, libraries, the user's input.
///
/// `message` says what went wrong *and what to do about it*, in one sentence or two, naming the
/// file and offset or the recipe's key path. A programmer's mistakes (shapes, indices) are
/// preconditions instead.
public struct CounterspikeError: Error, Sendable, CustomStringConvertible {
  /// The kind of failure; stable, for code that reacts to it.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// A recipe, a setting or a network notation that cannot be used.
    public static let invalidRecipe = Code(description: "invalidRecipe")
    /// A file that does not exist or cannot be read.
    public static let unreadableFile = Code(description: "unreadableFile")
    /// A file whose content is not what its format demands: truncated, wrong magic, wrong count.
    public static let damagedFile = Code(description: "damagedFile")
    /// A file or folder that cannot be written.
    public static let unwritableFile = Code(description: "unwritableFile")
    /// A data set that is neither on this machine nor could be downloaded.
    public static let missingData = Code(description: "missingData")
    /// A download that did not finish or has another checksum than it should.
    public static let failedDownload = Code(description: "failedDownload")
    /// Files that are each sound and do not belong together: a checkpoint and another network.
    public static let mismatch = Code(description: "mismatch")
    /// oneDNN or the operating system refused.
    public static let libraryFailure = Code(description: "libraryFailure")
    /// Something that needs a library which this build was made without.
    public static let missingLibrary = Code(description: "missingLibrary")
    /// Training cannot go on: the loss is no longer a number.
    public static let diverged = Code(description: "diverged")
  }

  public var code: Code
  public var message: String
  /// What a lower layer reported, if anything.
  public var cause: (any Error)?
  /// Where in Counterspike it was thrown, for bug reports.
  public var location: Location

  public struct Location: Sendable {
    public var fileID: String
    public var line: Int
  }

  public init(
    _ code: Code, _ message: String, cause: (any Error)? = nil, fileID: String = #fileID,
    line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.cause = cause
    self.location = Location(fileID: fileID, line: line)
  }

  public var description: String { message }
}
