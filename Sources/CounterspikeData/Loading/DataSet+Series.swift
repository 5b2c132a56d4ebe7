internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeFormats
internal import CounterspikeSamples

extension DataSet {
  /// Reads time series from an IDX file of shape `[samples, steps, channels]`.
  static func loadSeries(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ files: DataCatalog.SeriesFiles,
    at location: DataLocator.Location, timeSteps: Int
  ) throws(CounterspikeError) -> DataParts {
    func file(
      _ file: DataCatalog.File, _ content: IDXFile.Content, expected: Int
    ) throws(CounterspikeError) -> IDXFile {
      let path = location.path(of: file)
      let bytes = try Gzip.content(
        of: WholeFile.bytes(of: path, as: .content(of: expected)), expected: expected,
        limit: 2 * expected + 4096, file: path)
      let read = try IDXFile(bytes: bytes, path: path, content: content)
      try file.check(bytes, at: path, entry)
      return read
    }
    let count = entry.trainingCount + entry.testCount
    let length = files.steps * entry.shape[0]
    let values = try file(files.values, .images, expected: 16 + count * length)
    let labels = try file(files.labels, .labels, expected: 8 + count)
    let groups = try file(files.groups, .labels, expected: 8 + count)
    guard values.dimensions == [count, files.steps, entry.shape[0]], labels.count == count,
      groups.count == count
    else {
      throw CounterspikeError(
        .damagedFile,
        "“\(values.path.excerpt)” has \(shapeText(values.dimensions)) values beside \(labels.count) labels and "
          + "\(groups.count) groups, where \(count)×\(files.steps)×\(entry.shape[0]), \(count) and "
          + "\(count) are expected; put the right files in their place")
    }
    if let place = labels.elements.firstIndex(where: { $0 >= entry.classCount }) {
      throw CounterspikeError(
        .damagedFile,
        "“\(labels.path.excerpt)” has the label \(labels.bytes[place]) at byte \(place), and those of "
          + "\(entry.title) are 0 … \(entry.classCount - 1); put the right file in its place")
    }
    var training = TimeSeries(samples: [], labels: [], channels: entry.shape[0])
    var test = training
    let start = values.headerSize
    for sample in 0..<count {
      let series = values.bytes[(start + sample * length)..<(start + (sample + 1) * length)]
      let scaled = series.map { Float(files.isInverted ? 255 - $0 : $0) / 255 }
      let label = Int(labels.elements[labels.headerSize + sample])
      if groups.elements[groups.headerSize + sample] < files.firstTestGroup {
        training.samples.append(scaled)
        training.labels.append(label)
      } else {
        test.samples.append(scaled)
        test.labels.append(label)
      }
    }
    return parts(
      training, test, settings, classCount: entry.classCount, timeSteps: timeSteps,
      folder: location.folder)
  }

  /// Reads the user's own time series, a file each: a row for each step, a column for each channel.
  ///
  /// - Returns: the samples, and the entry with what the folder says.
  static func loadSeriesFolder(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, at location: DataLocator.Location,
    timeSteps: Int, seed: UInt64
  ) throws(CounterspikeError) -> (DataParts, DataCatalog.Entry) {
    let folder = try ClassFolder(
      entry, .series, at: location, classes: settings.classes, testShare: settings.testShare,
      seed: seed)
    try settings.requireStatistics(of: folder)
    let first = try CSVTable(contentsOf: folder.first.path)
    let entry = entry.described(by: folder, shape: [first.columns, 1, 1])
    try settings.check(against: entry)
    var headings = SeriesHeadings(first, path: folder.first.path)
    func series(_ samples: [ClassFolder.Sample]) throws(CounterspikeError) -> TimeSeries {
      var series = TimeSeries(samples: [], labels: [], channels: first.columns)
      for sample in samples {
        let table = try CSVTable(contentsOf: sample.path)
        guard table.columns == first.columns else {
          throw CounterspikeError(
            .damagedFile,
            "“\(sample.path.excerpt)” has \(table.columns) columns, and "
              + "“\(folder.first.path.excerpt)” has \(first.columns); all time series must have "
              + "the same channels")
        }
        try headings.add(table, path: sample.path)
        series.samples.append(table.values)
        series.labels.append(sample.label)
      }
      return series
    }
    var parts = parts(
      try series(folder.training), try series(folder.test),
      validation: folder.validation.isEmpty ? nil : try series(folder.validation), settings,
      classCount: entry.classCount, timeSteps: timeSteps, folder: location.folder)
    parts.remarks =
      folder.remarks + [headings.remark].compactMap(\.self) + (try folder.remarksOnCopies())
    parts.channelNames = headings.names
    parts.name(by: folder)
    return (parts, entry)
  }

  /// Series scaled by the training part's statistics, or by the settings' numbers.
  static func parts(
    _ training: TimeSeries, _ test: TimeSeries, validation: TimeSeries? = nil,
    _ settings: DataSettings, classCount: Int, timeSteps: Int, folder: String?
  ) -> DataParts {
    let isDirect = settings.encoding.kind == .direct
    let statistics = isDirect ? training.standardization() : training.range()
    func perChannel(_ given: [Double]?, _ found: [Double]) -> [Double] {
      guard let given else { return found }
      return given.count == 1 ? found.map { _ in given[0] } : given
    }
    var found = settings
    found.mean = perChannel(settings.mean, statistics.offset)
    found.standardDeviation = perChannel(settings.standardDeviation, statistics.unit)
    let offset = (found.mean ?? []).map { Float($0) }
    let scale = (found.standardDeviation ?? []).map { Float(1 / $0) }
    func source(_ series: TimeSeries) -> SeriesSource {
      SeriesSource(
        series: series, timeSteps: timeSteps, offset: offset, scale: scale, isClamped: !isDirect,
        classCount: classCount)
    }
    let trained = source(training)
    return DataParts(
      training: trained, plainTraining: trained, test: source(test), settings: found,
      validation: validation.map(source), folder: folder)
  }
}
