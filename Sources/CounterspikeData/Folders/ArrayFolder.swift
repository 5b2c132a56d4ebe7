internal import Counterspike
internal import CounterspikeFormats
internal import Foundation

/// The user's own samples as NumPy arrays: in a folder, `x_train.npy`, `y_train.npy`, `x_test.npy` and
/// `y_test.npy`, or one `.npz` with arrays of these names. The letters' case does not matter.
///
/// x has the samples along its first axis, y their classes: whole numbers from 0, one a sample; or, for
/// regression, their numbers.
struct ArrayFolder {
  /// The arrays, in the order training samples, their labels, test samples, their labels.
  static let names = ["x_train", "y_train", "x_test", "y_test"]
  /// The most classes; labels of images are bytes.
  private static let classLimit = 256

  struct Part {
    let samples: NumPyArray
    /// All 0 where samples have numbers as targets.
    let labels: [Int]
    /// `[N, K]` or `[N, T, K]`, where samples have such targets.
    let targets: Tensor?
  }

  let path: String
  /// Files that were read.
  let fileCount: Int
  /// `nil`: there is none, and none is needed.
  let training: Part?
  let test: Part
  /// Never ``ArraySettings/Axes/auto``.
  let axes: ArraySettings.Axes
  /// The shape of one sample, or of one time step of it, `[C, H, W]`.
  let shape: [Int]
  /// The number of time steps in the arrays; `nil`: samples have none.
  let steps: Int?
  let classNames: [String]

  /// Whether a folder has the arrays.
  static func isIn(_ folder: String, needsTraining: Bool) -> Bool {
    let files = files(in: folder)
    let wanted = needsTraining ? names[...] : names[2...]
    return !files.archives.isEmpty || wanted.allSatisfy { files.arrays[$0] != nil }
  }

  /// - Throws: `missingData`, `unreadableFile`, `damagedFile`; `mismatch` for arrays that do not belong
  ///   together, or whose axes are in doubt; `missingLibrary` for archives that cannot be unpacked.
  init(_ settings: DataSettings, at folder: String) throws(CounterspikeError) {
    path = folder
    let (arrays, count) = try Self.arrays(in: folder, needsTraining: settings.classes == nil)
    fileCount = count
    func part(_ place: Int) throws(CounterspikeError) -> Part? {
      guard let samples = arrays[Self.names[place]] else { return nil }
      guard let labels = arrays[Self.names[place + 1]] else { return nil }
      return try Part(samples, labels, settings.arrays.targets)
    }
    let trained = try part(0)
    guard let tested = try part(2) else { throw Self.missing(folder, Self.names.suffix(2)) }
    (training, test) = (trained, tested)

    let first = trained ?? tested
    let given = settings.arrays.axes
    axes = given == .auto ? try ArraySettings.Axes(of: first.samples) : given
    guard axes.count == first.samples.shape.count else {
      throw CounterspikeError(
        .mismatch,
        "“\(first.samples.path.excerpt)” has the shape \(first.samples.shape), and "
          + "data.arrays.axes is \(axes.rawValue), \(axes.count ?? 0) axes; correct one of them",
        remedy: .changeSetting)
    }
    guard first.samples.shape.dropFirst() == tested.samples.shape.dropFirst() else {
      throw CounterspikeError(
        .mismatch,
        "“\(tested.samples.path.excerpt)” has the shape \(tested.samples.shape), and "
          + "“\(first.samples.path.excerpt)” has \(first.samples.shape); all axes but the first "
          + "must be equal")
    }
    guard first.samples.isBytes == tested.samples.isBytes else {
      throw CounterspikeError(
        .mismatch,
        "“\(tested.samples.path.excerpt)” is of \(tested.samples.typeText), and "
          + "“\(first.samples.path.excerpt)” of \(first.samples.typeText); save both as one type: "
          + "bytes are divided by 255, other numbers are not")
    }
    (shape, steps) = axes.sample(first.samples.shape)
    classNames = if let classes = settings.classes { classes } else { try Self.classNames(first) }
    guard trained == nil || trained?.targets?.shape.dropFirst() == tested.targets?.shape.dropFirst()
    else {
      throw CounterspikeError(
        .mismatch,
        "the targets of “\(folder.excerpt)” have the shapes \(trained?.targets?.shape ?? []) for training "
          + "and \(tested.targets?.shape ?? []) for testing; all axes but the first must be equal")
    }
    if let label = tested.labels.max(), label >= classNames.count {
      throw CounterspikeError(
        .mismatch,
        "the test samples of “\(folder.excerpt)” have the label \(label), and the training's are "
          + "0 … \(classNames.count - 1); correct the labels")
    }
  }

  /// The names 0, 1, … of as many classes as the training labels need.
  private static func classNames(_ training: Part) throws(CounterspikeError) -> [String] {
    if let targets = training.targets {
      return (0..<(targets.shape.last ?? 0)).map { "\($0)" }
    }
    let count = (training.labels.max() ?? 0) + 1
    guard count <= min(classLimit, training.labels.count) else {
      throw CounterspikeError(
        .mismatch,
        "“\(training.samples.path.excerpt)” has \(training.labels.count) samples with labels up to "
          + "\(count - 1); labels are whole numbers from 0, at most \(classLimit - 1), one for each class"
      )
    }
    return (0..<count).map { "\($0)" }
  }

  // MARK: Files

  /// The files that have the arrays, by the array's name, and the archives.
  private static func files(in folder: String) -> (arrays: [String: String], archives: [String]) {
    let files = (try? FolderListing(folder))?.files ?? []
    var arrays: [String: String] = [:]
    var archives: [String] = []
    for file in files {
      let lower = file.name.lowercased()
      if lower.hasSuffix(".npz") {
        archives.append(file.path)
      } else if lower.hasSuffix(".npy"), Self.names.contains(String(lower.dropLast(4))) {
        arrays[String(lower.dropLast(4))] = file.path
      }
    }
    return (arrays, archives)
  }

  private static func arrays(
    in folder: String, needsTraining: Bool
  ) throws(CounterspikeError) -> (arrays: [String: NumPyArray], files: Int) {
    let (files, archives) = files(in: folder)
    let wanted = needsTraining ? names[...] : names[2...]
    var arrays: [String: NumPyArray] = [:]
    if wanted.allSatisfy({ files[$0] != nil }) {
      for name in names {
        guard let path = files[name] else { continue }
        arrays[name] = try NumPyArray(WholeFile.bytes(of: path), path: path)
      }
      return (arrays, arrays.count)
    }
    guard archives.count == 1 else {
      if archives.isEmpty { throw missing(folder, wanted) }
      throw CounterspikeError(
        .missingData,
        "“\(folder.excerpt)” has \(archives.count) files .npz, where one is expected; leave the one "
          + "that has \(wanted.joined(separator: ", "))")
    }
    let path = archives[0]
    for member in try NumPyArray.members(of: WholeFile.bytes(of: path), path: path) {
      let name = member.name.lowercased()
      guard names.contains(name) else { continue }
      arrays[name] = try NumPyArray(member.bytes, path: member.path)
    }
    guard wanted.allSatisfy({ arrays[$0] != nil }) else { throw missing(path, wanted) }
    return (arrays, 1)
  }

  private static func missing(_ path: String, _ wanted: ArraySlice<String>) -> CounterspikeError {
    CounterspikeError(
      .missingData,
      "“\(path.excerpt)” lacks some of the arrays \(wanted.joined(separator: ", ")); save them there "
        + "as .npy, or all in one .npz", remedy: .nameDataFolder)
  }
}

extension ArrayFolder.Part {
  /// - Throws: `mismatch`, `damagedFile`.
  fileprivate init(
    _ samples: NumPyArray, _ labels: NumPyArray, _ kind: ArraySettings.Targets
  ) throws(CounterspikeError) {
    guard kind == .classes else {
      self = try Self(samples, numbers: labels)
      return
    }
    guard labels.shape.count == 1 || labels.shape.count == 2 && labels.shape[1] == 1 else {
      throw CounterspikeError(
        .mismatch,
        "“\(labels.path.excerpt)” has the shape \(labels.shape), where labels [N] are expected; of "
          + "one-hot labels, save the argmax; for regression, set data.arrays.targets to numbers")
    }
    guard samples.shape.first == labels.count, labels.count > 0,
      samples.shape.allSatisfy({ $0 > 0 })
    else {
      throw CounterspikeError(
        .mismatch,
        "“\(samples.path.excerpt)” has the shape \(samples.shape), and "
          + "“\(labels.path.excerpt)” has \(labels.count) labels; both need as many, at least one"
      )
    }
    let classes = try labels.integers()
    if let place = classes.firstIndex(where: { $0 < 0 }) {
      throw CounterspikeError(
        .mismatch,
        "“\(labels.path.excerpt)” has the label \(classes[place]) at place \(place); labels are whole "
          + "numbers from 0")
    }
    self.init(samples: samples, labels: classes, targets: nil)
  }

  /// - Throws: `mismatch`, `damagedFile`.
  private init(_ samples: NumPyArray, numbers: NumPyArray) throws(CounterspikeError) {
    guard (1...3).contains(numbers.shape.count), samples.shape.first == numbers.shape[0],
      numbers.count > 0, samples.shape.allSatisfy({ $0 > 0 })
    else {
      throw CounterspikeError(
        .mismatch,
        "“\(samples.path.excerpt)” has the shape \(samples.shape), and “\(numbers.path.excerpt)” has "
          + "\(numbers.shape); targets that are numbers have the shape [N], [N, K] or [N, T, K] for N "
          + "samples")
    }
    let shape = numbers.shape.count == 1 ? numbers.shape + [1] : numbers.shape
    self.init(
      samples: samples, labels: [Int](repeating: 0, count: shape[0]),
      targets: Tensor(shape: shape, scalars: try numbers.floats()))
  }
}
