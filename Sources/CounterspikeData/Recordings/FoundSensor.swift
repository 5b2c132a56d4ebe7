internal import Counterspike
internal import CounterspikeSamples

/// The sensor of the user's own recordings: as the settings state it, as the files do, or as large as the
/// training recordings need.
struct FoundSensor {
  /// A sensor of more pixels, or one that is empty in the middle, is asked for and not guessed: a single
  /// wrong coordinate may have made it.
  private static let largestGuess = 1 << 21
  private static let longestGap = 32

  let size: SensorSize
  /// What to say where the size was guessed.
  private(set) var remark: String?

  /// - Throws: `unreadableFile`; `damagedFile`; `mismatch` where the coordinates do not tell;
  ///   `missingData` where there is nothing to take it from.
  init(_ settings: EventSettings, in folder: ClassFolder) throws(CounterspikeError) {
    if let stated = settings.sensor {
      size = stated
      return
    }
    let training = folder.training
    guard !training.isEmpty else {
      throw CounterspikeError(
        .missingData,
        "“\(folder.path.excerpt)” has no training part to take the sensor's size from; state it in "
          + "data.events.sensor: [width, height]")
    }
    var stated = SensorSize(width: 1, height: 1)
    var columns = Extent()
    var rows = Extent()
    var isStated = true
    for (index, sample) in training.enumerated() {
      let stream = try EventStream(contentsOf: sample.path)
      isStated = isStated && stream.isSensorStated
      stated.width = max(stated.width, stream.width)
      stated.height = max(stated.height, stream.height)
      columns.add(stream.x, of: index)
      rows.add(stream.y, of: index)
    }
    size = stated
    guard !isStated else { return }
    let text = "\(size.width)×\(size.height)"
    for (name, extent) in [("x", columns), ("y", rows)] {
      guard let gap = extent.longestGap, gap.count > Self.longestGap, gap.count > extent.last / 2
      else { continue }
      throw Self.unclear(
        "has an event at \(name) \(extent.last), and no recording has one at \(name) "
          + "\(gap.lowerBound) … \(gap.upperBound - 1)", training[extent.source].path)
    }
    guard size.width * size.height <= Self.largestGuess else {
      let source = columns.last > rows.last ? columns.source : rows.source
      throw Self.unclear(
        "needs a sensor of \(text) pixels, more than cameras have", training[source].path)
    }
    remark =
      "the sensor is taken to have \(text) pixels, which is what the training recordings need; state "
      + "the camera's in data.events.sensor: [width, height]"
  }

  private static func unclear(_ problem: String, _ path: String) -> CounterspikeError {
    CounterspikeError(
      .mismatch,
      "“\(path.excerpt)” \(problem); state the camera's sensor in "
        + "data.events.sensor: [width, height], which refuses events beyond it")
  }

  /// The columns, or rows, that have events.
  private struct Extent {
    private var isUsed = [Bool](repeating: false, count: SensorSize.allowed.upperBound)
    private(set) var last = 0
    /// Which recording has an event at `last`.
    private(set) var source = 0

    mutating func add(_ places: [UInt16], of recording: Int) {
      for place in places {
        isUsed[Int(place)] = true
        if place > last { (last, source) = (Int(place), recording) }
      }
    }

    /// The longest stretch without an event between others, or before them.
    var longestGap: Range<Int>? {
      var longest: Range<Int>?
      var start = 0
      for place in 0...last where isUsed[place] {
        if place - start > longest?.count ?? 0 { longest = start..<place }
        start = place + 1
      }
      return longest
    }
  }
}
