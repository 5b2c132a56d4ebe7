import Counterspike
import CounterspikeData
import Testing

@Suite("Folders of time series")
struct SeriesFolderTests {
  static func load(
    _ files: [String: String], timeSteps: Int = 3,
    _ change: (inout DataSettings) -> Void = { _ in }
  ) throws -> DataSet {
    let folder = try TemporaryFolder()
    for (name, text) in files { try folder.write(Array(text.utf8), to: name) }
    var settings = DataSettings()
    settings.set = "series-folder"
    change(&settings)
    return try DataSet.load(
      settings, entry: DataCatalog.entry(named: "series-folder"), timeSteps: timeSteps, seed: 1,
      locator: DataLocator(folder: folder.path, environment: [:]))
  }

  static let files = [
    "train/rise/1.csv": "speed,force\n0,1\n1,1\n2,1\n",
    "train/fall/2.csv": "2;1\n\n1;1\n0;1\n",
    "test/rise/3.txt": "0 1\n1\t1\n2 1e0\n2 1\n2 1\n2 1\n",
  ]

  @Test("have the classes of their folders, and are standardized by the training series")
  func content() throws {
    let data = try Self.load(Self.files)
    #expect(data.classNames == ["fall", "rise"] && data.shape == [3, 2, 1, 1])
    #expect((0..<2).map { data.training.label(at: $0) } == [1, 0])
    let scale = Float((1.5).squareRoot())
    let expected: [Float] = [-scale, 0, 0, 0, scale, 0]
    let found = data.training.values(0)
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    // Six steps in three: means of two.
    let test = data.test.values(0)
    #expect(abs(test[0] + scale / 2) < 1e-6 && abs(test[2] - scale) < 1e-6)
    let spikes = try Self.load(Self.files) {
      $0.encoding.kind = .delta
      $0.encoding.threshold = 0.5
    }
    #expect(spikes.shape == [3, 4, 1, 1])
  }

  @Test("name their channels by the first heading; another order of columns is refused")
  func headings() throws {
    let data = try Self.load(Self.files) { $0.validation = 0 }
    #expect(
      data.channelNames == ["speed", "force"] && !data.remarks.contains { $0.contains("columns") })
    #expect(data.trainingNames == ["train/rise/1.csv", "train/fall/2.csv"])
    #expect(data.testNames == ["test/rise/3.txt"] && data.validationNames == [])
    var files = Self.files
    files["test/rise/3.txt"] = "force,mass\n0,1\n"
    #expect(
      try Self.load(files).remarks.contains {
        $0.hasPrefix("1 table names the columns otherwise than “") && $0.contains("1.csv”")
      })
    files["test/rise/3.txt"] = "force,speed\n1,0\n"
    let error = #expect(throws: CounterspikeError.self) { try Self.load(files) }
    #expect(error?.code == .damagedFile)
    #expect(
      error?.message.contains("has the columns “force”, “speed”, and “") == true,
      "\(error?.message ?? "")")
    files = Self.files.mapValues { $0.replacing("speed,force\n", with: "") }
    #expect(try Self.load(files).channelNames == nil)
  }

  @Test(
    "that are no tables of numbers are refused, with file and byte",
    arguments: [
      ("1,2\n3\n", "byte 4: line 2: there is 1 column, and 2 in the lines before"),
      ("1,2\n3,x\n", "byte 6: line 2, column 2: “x” is no number"),
      ("1,inf\n", "byte 2: line 1, column 2: “inf” is no finite number"),
      ("a,b\n", "byte 4: the file has a heading and no numbers"),
      ("# none\n", "byte 7: the file has no line of numbers"),
      ("1,2,3\n", "has 3 columns, and"),
    ])
  func damage(text: String, message: String) {
    var files = Self.files
    files["train/fall/2.csv"] = text
    let error = #expect(throws: CounterspikeError.self) { try Self.load(files) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("2.csv") == true)
  }

  @Test("cost as much memory as their values, whatever the number of time steps")
  func manySteps() throws {
    // Two million values a sample, if they were made before they are asked for.
    let data = try Self.load(Self.files, timeSteps: 1_000_000)
    #expect(data.shape == [1_000_000, 2, 1, 1] && data.training.count == 2)
    let short = try Self.load(Self.files, timeSteps: 7)
    // Step t of 7 has value ⌊3·t/7⌋.
    let values = short.training.values(0)
    let scale = Float((1.5).squareRoot())
    for (step, value) in [0, 0, 0, 1, 1, 2, 2].enumerated() {
      #expect(abs(values[2 * step] - Float(value - 1) * scale) < 1e-6)
    }
  }

  @Test("survive damage of any kind")
  func fuzzing() {
    let seeds = Self.files.values.map { Array($0.utf8) }.sorted { $0.count < $1.count }
    Fuzzing.run(seeds, number: 42, reader: "table") {
      bytes, path in
      let table = try CSVTable(bytes, path: path)
      guard table.values.count.isMultiple(of: table.columns) else { throw FuzzingTests.IllFormed() }
    }
  }
}
