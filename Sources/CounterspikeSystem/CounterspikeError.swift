/// What goes wrong outside the program: files, recipes, libraries, the user's input.
///
/// `message` says what went wrong *and what to do about it* on one line, naming the file and offset or
/// the recipe's key path: lower case first, no full stop at the end, and no option of any program;
/// ``remedy`` is what a program can add. A programmer's mistakes (shapes, indices) are preconditions
/// instead.
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

  /// A way out that a program offers under a name of its own, such as an option of a command.
  public struct Remedy: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// Name the folder with the data set's files.
    public static let nameDataFolder = Remedy(description: "nameDataFolder")
    /// Name another folder for the run.
    public static let nameRunFolder = Remedy(description: "nameRunFolder")
    /// Go on with the run that is there.
    public static let resumeRun = Remedy(description: "resumeRun")
    /// Go on with the sweep that is there.
    public static let resumeSweep = Remedy(description: "resumeSweep")
    /// Say how many settings a sweep draws.
    public static let drawSettings = Remedy(description: "drawSettings")
    /// Train fewer runs of a sweep at the same time.
    public static let trainFewerRuns = Remedy(description: "trainFewerRuns")
    /// Name another file to write.
    public static let nameOutputFile = Remedy(description: "nameOutputFile")
    /// Replace the file that is there.
    public static let overwriteFile = Remedy(description: "overwriteFile")
    /// Use fewer threads.
    public static let useFewerWorkers = Remedy(description: "useFewerWorkers")
    /// Change a setting of the recipe.
    public static let changeSetting = Remedy(description: "changeSetting")
    /// Limit the kernels to an instruction set that there is, or to none.
    public static let limitKernels = Remedy(description: "limitKernels")
    /// Say how long a time step of another program's network is.
    public static let nameTimeStep = Remedy(description: "nameTimeStep")
    /// Say what shape the samples of another program's network have.
    public static let nameInputShape = Remedy(description: "nameInputShape")
    /// Build with HDF5.
    public static let buildWithHDF5 = Remedy(description: "buildWithHDF5")
  }

  public var code: Code
  public var message: String
  /// What a program can add to the message by a name of its own, if anything.
  public var remedy: Remedy?
  /// What a lower layer reported, if anything.
  public var cause: (any Error)?
  /// Where in Counterspike it was thrown, for bug reports.
  public var location: Location

  public struct Location: Sendable {
    public var fileID: String
    public var line: Int
  }

  public init(
    _ code: Code, _ message: String, remedy: Remedy? = nil, cause: (any Error)? = nil,
    fileID: String = #fileID, line: Int = #line
  ) {
    self.code = code
    self.message = message
    self.remedy = remedy
    self.cause = cause
    self.location = Location(fileID: fileID, line: line)
  }

  public var description: String { message }
}
