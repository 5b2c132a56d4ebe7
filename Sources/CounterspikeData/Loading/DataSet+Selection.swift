package import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeKernels
internal import CounterspikeSamples

/// What a data set's files hold, before samples are chosen and held back.
struct DataParts {
  /// With the random transforms that the settings ask for.
  var training: any SampleSource
  /// The same samples without transforms.
  var plainTraining: any SampleSource
  var test: any SampleSource
  /// What the authors give for validation; a share of the training samples takes its place.
  var validation: (any SampleSource)?
  /// The folder that the files were read from.
  var folder: String?
  /// What a user should know of the files.
  var remarks: [String] = []
  /// The settings with what was found in the data where they left it open: mean, standard deviation,
  /// the sensor's size.
  var settings: DataSettings
  /// The names of the samples' files in `folder`, if each has one.
  var trainingNames, validationNames, testNames: [String]?
  /// The names of the channels before they are encoded.
  var channelNames: [String]?

  /// All samples of a data set without an official split, to be divided by the settings.
  init(
    dividing samples: any SampleSource, plain: any SampleSource, settings: DataSettings,
    seed: UInt64
  ) {
    let division = ClassDivision(plain, seed: seed, part: .test)
    let (rest, held) = division.holdingBack(settings.testShare)
    self.settings = settings
    training = SampleSubset(samples, indices: rest)
    plainTraining = SampleSubset(plain, indices: rest)
    test = SampleSubset(plain, indices: held)
  }

  init(
    training: any SampleSource, plainTraining: any SampleSource, test: any SampleSource,
    settings: DataSettings, validation: (any SampleSource)? = nil, folder: String? = nil,
    remarks: [String] = []
  ) {
    self.settings = settings
    self.training = training
    self.plainTraining = plainTraining
    self.test = test
    self.validation = validation
    self.folder = folder
    self.remarks = remarks
  }

  /// Takes over the names of the files in a folder.
  mutating func name(by folder: ClassFolder) {
    trainingNames = folder.names(of: folder.training)
    validationNames = folder.names(of: folder.validation)
    testNames = folder.names(of: folder.test)
  }

  /// The same samples as the settings encode them.
  func encoded(_ settings: EncodingSettings, timeSteps: Int, seed: UInt64) -> DataParts {
    guard settings.kind != .direct else { return self }
    var parts = self
    parts.training = EncodedSet(training, settings, timeSteps: timeSteps, seed: seed)
    parts.plainTraining = EncodedSet(plainTraining, settings, timeSteps: timeSteps, seed: seed)
    parts.test = EncodedSet(test, settings, timeSteps: timeSteps, seed: seed)
    parts.validation = validation.map {
      EncodedSet($0, settings, timeSteps: timeSteps, seed: seed)
    }
    return parts
  }

  /// The data set with the samples that `settings` choose.
  ///
  /// - Throws: `invalidRecipe` for limits beyond what there is, or a share that leaves nothing;
  ///   `mismatch` where the classes are others than those of the settings.
  func dataSet(
    _ entry: DataCatalog.Entry, _ settings: DataSettings, seed: UInt64
  ) throws(CounterspikeError) -> DataSet {
    try settings.checkClasses(entry)
    var found = self.settings
    found.classes = entry.classNames
    let division = ClassDivision(plainTraining, seed: seed, part: .validation)
    let (rest, held) = division.holdingBack(settings.validation)
    // A folder may come without training samples, to be evaluated on.
    let hasTraining = plainTraining.count > 0
    if settings.validation > 0, hasTraining {
      guard !rest.isEmpty, !held.isEmpty else {
        throw CounterspikeError(
          .invalidRecipe,
          "data.validation is \(settings.validation), which leaves \(rest.count) of "
            + "\(plainTraining.count) training samples to train on and \(held.count) to judge by; "
            + "both need at least one")
      }
    }
    func chosen(
      _ source: any SampleSource, _ indices: [Int], _ limit: Int?, _ key: String, _ what: String,
      _ part: ClassDivision.Part
    ) throws(CounterspikeError) -> [Int] {
      guard let limit else { return indices }
      guard (1...max(indices.count, 1)).contains(limit), !indices.isEmpty else {
        throw CounterspikeError(
          .invalidRecipe,
          "data.\(key) is \(limit); with \(entry.title) it must be "
            + "1 … \(indices.count), or left out for all \(what) samples")
      }
      return settings.selection == .first
        ? Array(indices.prefix(limit))
        : ClassDivision(source, indices: indices, seed: seed, part: part).balanced(limit)
    }
    func subset(_ source: any SampleSource, _ indices: [Int]) -> any SampleSource {
      indices.count == source.count ? source : SampleSubset(source, indices: indices)
    }
    var remarks = remarks
    if entry.kind.isOwnFolder, test.targetShape.isEmpty {
      let labels = Set((0..<test.count).map { test.label(at: $0) })
      let missing = entry.classNames.indices.filter { !labels.contains($0) }
      if !missing.isEmpty {
        let names = missing.map { entry.classNames[$0] }
        remarks.append("no test samples of the classes \(names.excerpt)")
      }
    }
    let tested = try chosen(
      test, Array(0..<test.count), settings.testLimit, "testLimit", "test", .testLimit)
    let trained =
      hasTraining
      ? try chosen(
        training, rest, settings.trainingLimit, "trainingLimit", "training", .trainingLimit) : []
    return DataSet(
      name: entry.name, title: entry.title, classNames: entry.classNames,
      training: subset(training, trained),
      validation: held.isEmpty ? validation : SampleSubset(plainTraining, indices: held),
      test: subset(test, tested),
      folder: folder, remarks: remarks, settings: found,
      fingerprint: DataFingerprint.text(of: plainTraining),
      testFingerprint: DataFingerprint.text(of: test),
      trainingNames: trainingNames.map { names in trained.map { names[$0] } },
      validationNames: held.isEmpty
        ? validationNames : trainingNames.map { names in held.map { names[$0] } },
      testNames: testNames.map { names in tested.map { names[$0] } }, channelNames: channelNames)
  }
}

extension DataSettings {
  /// Refuses a data set of other classes than a run's, which the settings name.
  ///
  /// - Throws: `mismatch` naming the classes that differ.
  fileprivate func checkClasses(_ entry: DataCatalog.Entry) throws(CounterspikeError) {
    guard let classes, classes != entry.classNames else { return }
    let other = entry.classNames.filter { !classes.contains($0) }
    let missing = classes.filter { !entry.classNames.contains($0) }
    let difference =
      [
        other.isEmpty ? nil : "\(other.excerpt) only in the data",
        missing.isEmpty ? nil : "\(missing.excerpt) only in data.classes",
      ].compactMap(\.self).joined(separator: ", ")
    throw CounterspikeError(
      .mismatch,
      "\(entry.title) has other classes than data.classes names, those the network was trained on: "
        + (difference.isEmpty ? "they stand in another order" : difference)
        + "; choose the data of these classes, or set data.classes to null to match them by their "
        + "number")
  }
}

extension DataSettings {
  /// Refuses a folder without training samples where these are to say how values are normalized.
  ///
  /// - Throws: `missingData`.
  func requireStatistics(of folder: ClassFolder) throws(CounterspikeError) {
    guard folder.training.isEmpty, mean == nil || standardDeviation == nil else { return }
    throw CounterspikeError(
      .missingData,
      "“\(folder.path.excerpt)” has no training part to take mean and standard deviation from; add one, "
        + "or set data.mean and data.standardDeviation",
      remedy: .nameDataFolder)
  }
}

/// The samples of each class in an order that the seed draws.
package struct ClassDivision {
  /// What is divided, so that no two draws are the same one.
  package enum Part: Int {
    case test
    case validation
    case trainingLimit
    case testLimit
  }

  /// The indices of each class, shuffled.
  private let members: [[Int]]

  /// - Parameter indices: the samples to divide; `nil`: all of them.
  package init(_ source: any SampleSource, indices: [Int]? = nil, seed: UInt64, part: Part) {
    let indices = indices ?? Array(0..<source.count)
    self.init(
      labels: indices.map { source.label(at: $0) }, indices: indices, classCount: source.classCount,
      seed: seed, part: part)
  }

  /// - Parameters:
  ///   - labels: the classes of the samples to divide.
  ///   - indices: what these samples are called; `nil`: 0, 1, ….
  init(labels: [Int], indices: [Int]? = nil, classCount: Int, seed: UInt64, part: Part) {
    var members = [[Int]](repeating: [], count: classCount)
    for (place, label) in labels.enumerated() { members[label].append(indices?[place] ?? place) }
    self.members = members.enumerated().map { label, indices in
      var random = RandomStream(seed: seed, purpose: .split, part.rawValue, label)
      return random.permutation(indices.count).map { indices[$0] }
    }
  }

  /// The share of each class, rounded, is `held`; both parts are in the source's order.
  ///
  /// - Parameter leavingSome: whether of each class with two samples or more at least one is held
  ///   (unless the share is 0), and at least one not.
  package func holdingBack(
    _ share: Float, leavingSome: Bool = false
  ) -> (rest: [Int], held: [Int]) {
    var rest: [Int] = []
    var held: [Int] = []
    for indices in members {
      var count = Int((Double(share) * Double(indices.count)).rounded())
      if leavingSome { count = max(0, min(max(count, share > 0 ? 1 : 0), indices.count - 1)) }
      held += indices.prefix(count)
      rest += indices.dropFirst(count)
    }
    return (rest.sorted(), held.sorted())
  }

  /// `count` samples, at most as many as there are, of all classes as equally many as they have.
  package func balanced(_ count: Int) -> [Int] {
    var chosen: [Int] = []
    var round = 0
    while chosen.count < count {
      let left = members.filter { $0.count > round }
      guard !left.isEmpty else { break }
      chosen += left.prefix(count - chosen.count).map { $0[round] }
      round += 1
    }
    return chosen.sorted()
  }
}
