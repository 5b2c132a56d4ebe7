public import Counterspike
public import CounterspikeSamples

/// The data sets that are known by name: where they come from, what they hold, how to check them.
public enum DataCatalog {
  /// One data set with a training and a test part.
  public struct Entry: Sendable, Equatable {
    /// The name in recipes, and of the sub-folder that its files may stand in.
    public var name: String
    /// The name in reports.
    public var title: String
    /// One name per class, in the order of the labels; there are as many classes. Of a folder of
    /// the user's own, these and shape and counts are empty until it is looked at by
    /// `described(_:folder:)` of CounterspikeData.
    public var classNames: [String]
    /// The shape of one image, or of one time step of a recording before it is cut or scaled,
    /// `[C, H, W]`.
    public var shape: [Int]
    /// The number of training samples.
    public var trainingCount: Int
    /// The number of test samples.
    public var testCount: Int
    /// The number of samples that are for validation by the authors' word.
    public var validationCount = 0
    /// Of what kind the samples are, and in which files.
    public var kind: Kind
    /// Mean of the training pixels divided by 255, as it is customarily rounded; `nil`: computed
    /// from the training images when they are loaded.
    public var mean: Float?
    /// Standard deviation of the training pixels divided by 255; `nil`: computed, too.
    public var standardDeviation: Float?
    /// The archives that the files are published in; unpacked, they are the data set.
    public var archives: [Archive]
    /// The folder that a Debian package puts the files in.
    public var systemFolder: String?
    /// How to get the files where they cannot be downloaded.
    public var source: String
    /// Under what conditions the data may be used.
    public var licence: String
    /// What to cite.
    public var citation: String
    /// The label that the files give the first class; subtracted, so that classes count from 0.
    public var firstLabel = 0
    /// Whether the files store images column by column; they are turned over when loaded.
    public var isTransposed = false
    /// Names of the sub-folder, beside ``name``, that archives of the data set unpack to.
    public var folders: [String] = []

    /// The number of classes.
    public var classCount: Int { classNames.count }

    /// All files that have a name of their own.
    public var files: [File] {
      switch kind {
      case .images(let files): files.all
      case .spikes(let files): files.all
      case .imageBatches(let batches): batches.training + batches.test
      case .series(let files): [files.values, files.labels, files.groups]
      case .events, .folder, .generated: []
      }
    }

    package init(
      name: String, title: String, classNames: [String], shape: [Int] = [1, 28, 28],
      trainingCount: Int, testCount: Int, kind: Kind, mean: Float? = nil,
      standardDeviation: Float? = nil, archives: [Archive] = [], systemFolder: String? = nil,
      source: String, licence: String, citation: String, firstLabel: Int = 0,
      isTransposed: Bool = false, folders: [String] = [], validationCount: Int = 0
    ) {
      self.name = name
      self.title = title
      self.classNames = classNames
      self.shape = shape
      self.trainingCount = trainingCount
      self.testCount = testCount
      self.kind = kind
      self.mean = mean
      self.standardDeviation = standardDeviation
      self.archives = archives
      self.systemFolder = systemFolder
      self.source = source
      self.licence = licence
      self.citation = citation
      self.firstLabel = firstLabel
      self.isTransposed = isTransposed
      self.validationCount = validationCount
      self.folders = folders
    }
  }

  /// What the samples of a data set are.
  public enum Kind: Sendable, Equatable {
    /// Images and their labels, each part two IDX files.
    case images(ImageFiles)
    /// Images in files of records, labels included.
    case imageBatches(ImageBatches)
    /// Recordings of an event camera, one file each.
    case events(Recordings)
    /// Recordings of spikes, each part one HDF5 file; to read them takes the package trait HDF5.
    case spikes(SpikeFiles)
    /// Time series of equal length.
    case series(SeriesFiles)
    /// Files in a folder of the user's own, which says all else.
    case folder(FolderContent)
    /// Made when it is loaded; there are no files.
    case generated(Generated)
  }

  /// What the files in a folder of the user's own are.
  public enum FolderContent: Sendable, Equatable {
    case images
    case events
    case series
    /// NumPy arrays of all samples; their axes are known once they are looked at.
    case arrays(ArraySettings.Axes)
  }

  /// Data sets that are computed.
  public enum Generated: Sendable, Equatable {
    case yinYang
    case randman
  }

  /// Recordings of an event camera, one or several in a file.
  public struct Recordings: Sendable, Equatable {
    /// The sensor of the camera, or the part of it that was kept.
    public var sensor: SensorSize
    /// The number of time steps where nothing says another.
    public var timeSteps: Int
    /// Bytes that no recording exceeds.
    public var largestFile = 1 << 28
    /// The forms that the recordings are passed on in; the first one that is there is read.
    public var forms: [Form]

    /// Files of one format, laid out in one way.
    public struct Form: Sendable, Equatable {
      public var format: EventFormat
      /// How the files' names end, without the dot.
      public var fileExtension: String
      public var layout: Layout
    }
  }

  /// The HDF5 files of a data set of recordings of spikes, each with a time from the beginning of the
  /// recording and the unit it came from.
  public struct SpikeFiles: Sendable, Equatable {
    public var trainingFile: File
    public var validationFile: File?
    public var testFile: File
    /// The number of units.
    public var unitCount: Int
    /// The number of time steps where nothing says another.
    public var timeSteps: Int
    /// Microseconds per time step where nothing says another.
    public var timeWindow: Int

    public var all: [File] { [trainingFile, validationFile, testFile].compactMap(\.self) }
  }

  /// Files of records, each of label bytes and an image's pixels.
  public struct ImageBatches: Sendable, Equatable {
    public var training: [File]
    public var test: [File]
    /// Of each record; the last one is the class.
    public var labelBytes: Int

    package init(training: [File], test: [File], labelBytes: Int) {
      self.training = training
      self.test = test
      self.labelBytes = labelBytes
    }
  }

  /// The IDX files of a data set of time series.
  public struct SeriesFiles: Sendable, Equatable {
    /// `[samples, steps, channels]`.
    public var values: File
    /// `[samples]`.
    public var labels: File
    /// `[samples]`: what divides training and test samples.
    public var groups: File
    /// Samples of this group and those after it are for testing.
    public var firstTestGroup: UInt8
    /// The number of steps that the files have.
    public var steps: Int
    /// Whether 255 stands for the smallest value.
    public var isInverted: Bool

    package init(
      values: File, labels: File, groups: File, firstTestGroup: UInt8, steps: Int, isInverted: Bool
    ) {
      self.values = values
      self.labels = labels
      self.groups = groups
      self.firstTestGroup = firstTestGroup
      self.steps = steps
      self.isInverted = isInverted
    }
  }

  /// The four IDX files of a data set of images.
  public struct ImageFiles: Sendable, Equatable {
    public var trainingImages: File
    public var trainingLabels: File
    public var testImages: File
    public var testLabels: File

    public var all: [File] { [trainingImages, trainingLabels, testImages, testLabels] }

    package init(trainingImages: File, trainingLabels: File, testImages: File, testLabels: File) {
      self.trainingImages = trainingImages
      self.trainingLabels = trainingLabels
      self.testImages = testImages
      self.testLabels = testLabels
    }
  }

  /// One file of a data set.
  public struct File: Sendable, Equatable {
    /// The name as it is published, with `.gz`.
    public var name: String
    /// Where it can be downloaded, if it can be.
    public var url: String?
    /// SHA-256 of what is downloaded, in hexadecimal digits.
    public var downloadChecksum: String?
    /// SHA-256 of the unpacked content, where it is known. It decides, however a copy was packed.
    public var contentChecksum: String?

    /// Whether a SHA-256 is known, of what is downloaded or of its content.
    package var isChecksumKnown: Bool { (contentChecksum ?? downloadChecksum) != nil }

    /// The names that a copy of this file goes by, the published one first: packed or not, and
    /// with the dot that some archives have in place of the hyphen (`train-images.idx3-ubyte`). Of
    /// HDF5 files, which are large, the unpacked one comes first.
    public var acceptedNames: [String] {
      let unpacked = name.hasSuffix(".gz") ? String(name.dropLast(3)) : name
      if unpacked.hasSuffix(".h5") { return [unpacked, unpacked + ".gz"] }
      let dotted = unpacked.replacing("-idx", with: ".idx")
      return [unpacked + ".gz", unpacked, dotted + ".gz", dotted]
    }

    package init(
      name: String, url: String? = nil, downloadChecksum: String? = nil,
      contentChecksum: String? = nil
    ) {
      self.name = name
      self.url = url
      self.downloadChecksum = downloadChecksum
      self.contentChecksum = contentChecksum
    }
  }

  /// A file that other files are packed in: .zip, .7z, .tar or .tar.gz.
  public struct Archive: Sendable, Equatable {
    /// The name as it is published.
    public var name: String
    /// Where it can be downloaded, if it can be.
    public var url: String?
    /// SHA-256 of the archive, in hexadecimal digits; what has another is not unpacked.
    public var checksum: String?
    /// The folder in the archive that the data set's files stand in, `gzip` for example; `nil`: they
    /// stand at the top.
    public var folder: String?

    /// The archive as a file that is downloaded.
    package var file: File { File(name: name, url: url, downloadChecksum: checksum) }

    package init(
      name: String, url: String? = nil, checksum: String? = nil, folder: String? = nil
    ) {
      self.name = name
      self.url = url
      self.checksum = checksum
      self.folder = folder
    }
  }

  /// All known data sets.
  public static let entries: [Entry] = [
    mnist, fashionMNIST, kuzushijiMNIST, emnistMNIST, emnistLetters, emnistDigits, emnistBalanced,
    cifar10, cifar100, neuromorphicMNIST, gesture, cifar10DVS, neuromorphicCars, heidelbergDigits,
    speechCommands, braille, yinYang, randman, imageFolder, eventFolder, seriesFolder,
    arrayFolder,
  ]

  /// The names of all known data sets, in the order of `entries`.
  public static var names: [String] { entries.map(\.name) }

  /// The data set that has a file with this content.
  package static func entry(holding contentChecksum: String) -> Entry? {
    entries.first { entry in
      entry.files.contains { $0.contentChecksum == contentChecksum }
    }
  }
}
