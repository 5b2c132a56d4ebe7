import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Time series")
struct SeriesTests {
  /// Four series of 4 steps in 2 channels.
  static let values: [UInt8] = [
    0, 10, 2, 10, 4, 10, 6, 10, 8, 10, 8, 10, 8, 10, 8, 10,
    0, 10, 0, 10, 8, 10, 8, 10, 1, 10, 2, 10, 3, 10, 200, 10,
  ]

  static let entry = DataCatalog.Entry(
    name: "toy-series", title: "Toy series", classNames: ["a", "b"], shape: [2, 1, 1],
    trainingCount: 3, testCount: 1,
    kind: .series(
      .init(
        values: .init(name: "values.gz"), labels: .init(name: "labels.gz"),
        groups: .init(name: "groups.gz"), firstTestGroup: 5, steps: 4, isInverted: false)),
    source: "nowhere", licence: "none", citation: "none")

  static func load(
    timeSteps: Int? = nil, values: [UInt8] = idx([4, 4, 2], values),
    labels: [UInt8] = idx([4], [0, 1, 1, 0]), groups: [UInt8] = idx([4], [0, 4, 1, 5]),
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    let folder = try TemporaryFolder()
    try folder.write(gzip(values), to: "values.gz")
    try folder.write(labels, to: "labels")
    try folder.write(groups, to: "groups")
    var settings = DataSettings()
    change(&settings)
    return try DataSet.load(
      settings, entry: entry, timeSteps: timeSteps, seed: 1,
      locator: DataLocator(folder: folder.path, environment: [:]))
  }

  @Test("are divided by their groups, and standardized by the training series")
  func content() throws {
    let data = try Self.load()
    #expect(data.shape == [4, 2, 1, 1])
    #expect(data.training.count == 3 && data.test.count == 1)
    #expect(
      (0..<3).map { data.training.label(at: $0) } == [0, 1, 1] && data.test.label(at: 0) == 0)
    let first: [Double] = [0, 2, 4, 6, 8, 8, 8, 8, 0, 0, 8, 8].map { $0 / 255 }
    let mean = first.reduce(0, +) / 12
    let deviation = (first.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12).squareRoot()
    for step in 0..<4 {
      let value = data.training.values(0)[2 * step]
      #expect(abs(Double(value) - (first[step] - mean) / deviation) < 1e-5)
      // The other channel never changes.
      #expect(data.training.values(0)[2 * step + 1] == 0)
    }
    let last = Double(data.test.values(0)[6])
    #expect(abs(last - (200.0 / 255 - mean) / deviation) < 1e-4)
  }

  @Test("have the time steps that are asked for: means of fewer, repeated for more")
  func steps() throws {
    let plain: (inout DataSettings) -> Void = {
      $0.mean = [0]
      $0.standardDeviation = [1 / 255]
    }
    func series(_ timeSteps: Int) throws -> [Float] {
      let data = try Self.load(timeSteps: timeSteps, plain)
      #expect(data.shape == [timeSteps, 2, 1, 1])
      return stride(from: 0, to: 2 * timeSteps, by: 2).map { data.training.values(0)[$0].rounded() }
    }
    #expect(try series(2) == [1, 5])
    #expect(try series(8) == [0, 0, 2, 2, 4, 4, 6, 6])
    #expect(try series(3) == [0, 2, 5])
    #expect(try series(1) == [3])
  }

  @Test("are encoded from values between the smallest and the largest in training")
  func encoding() throws {
    let data = try Self.load {
      $0.encoding.kind = .delta
      $0.encoding.threshold = 0.25
    }
    #expect(data.shape == [4, 4, 1, 1])
    // Channel 0 of sample 0 rises by a quarter of the range, 0 … 8, at each step.
    let spikes = data.training.values(0)
    let on: [Float] = (0..<4).map { spikes[4 * $0 + 2] }
    #expect(on == [0, 1, 1, 1])
    // What is beyond the range counts as its end: 1, 2, 3, 8 of 8.
    let test = data.test.values(0)
    let rising: [Float] = (0..<4).map { test[4 * $0 + 2] }
    #expect(rising == [0, 0, 1, 1] && test.reduce(0, +) == 2)
    let error = #expect(throws: CounterspikeError.self) {
      try Self.load { $0.encoding.kind = .saccades }
    }
    #expect(
      error?.message == "data.encoding.kind is saccades; with Toy series it must be direct, rate, "
        + "delta")
  }

  @Test("whose files do not fit together are refused")
  func damage() {
    let cases: [(String, () throws -> DataSet)] = [
      (
        "values.gz” has 4×4×1 values",
        { try Self.load(values: idx([4, 4, 1], Array(Self.values[..<16]))) }
      ),
      ("beside 3 labels", { try Self.load(labels: idx([3], [0, 1, 1])) }),
      ("the label 2 at byte 9", { try Self.load(labels: idx([4], [0, 2, 1, 1])) }),
    ]
    for (text, load) in cases {
      let error = #expect(throws: CounterspikeError.self) { _ = try load() }
      #expect(error?.code == .damagedFile)
      #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
  }

  @Test(
    "of Braille letters are read",
    .enabled(
      if: RealData.has("braille-tactile/braille-data-idx3-ubyte.gz"),
      "no Braille series; name a folder with braille-tactile/ in it by COUNTERSPIKE_TEST_DATA"))
  func braille() throws {
    let data = try DataSet.load(named: "braille", folder: RealData.folder + "/braille-tactile")
    #expect(data.shape == [77, 12, 1, 1])
    #expect(data.training.count == 1080 && data.test.count == 270)
    for label in 0..<27 {
      #expect((0..<270).count { data.test.label(at: $0) == label } == 10)
    }
  }
}
