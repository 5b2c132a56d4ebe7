import Foundation
import Testing

/// A folder with data and recipes that train within moments.
struct SmallRun {
  let folder: TemporaryFolder

  /// 200 images of ten classes that a few steps can learn, and 64 to test.
  ///
  /// EMNIST's files are those of a known data set whose content has no checksum to be compared
  /// with; they have their full length, and all but the first images are holes in the file.
  private static let data = Result { try MadeUpData() }

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Self.recipe(), to: "small.yaml")
  }

  /// - Parameters:
  ///   - name: also of the default run folder.
  ///   - training: lines of the section `training`; the best checkpoint is chosen by test accuracy.
  static func recipe(
    name: String = "small", layers: String = "4C5-P4-20-10", timeSteps: Int = 3,
    training: [String] = ["epochs: 2", "batchSize: 20"]
  ) -> String {
    """
    name: \(name)
    data: {set: emnist-mnist, mean: 0.2, standardDeviation: 0.3, trainingLimit: 200, testLimit: 64}
    network: {layers: \(layers), timeSteps: \(timeSteps)}
    optimizer: {learningRate: 2e-3}
    training: {\((training + ["modelSelection: test"]).joined(separator: ", "))}
    """
  }

  static var dataFolder: String {
    get throws { try data.get().folder.path }
  }

  /// Runs a command.
  func run(_ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(arguments, in: folder)
  }

  /// `train` with the made-up data; one thread, because tests run side by side.
  static func train(_ arguments: [String]) throws -> [String] {
    let threads = arguments.contains("--threads") ? [] : ["--threads", "1"]
    return try ["train", "--data", dataFolder] + threads + arguments
  }

  func train(_ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(Self.train(arguments), in: folder)
  }

  /// Trains `small.yaml` into the run folder `run`.
  func trainSmall() async throws {
    let outcome = try await train("small.yaml", "--output", "run", "--quiet")
    try #require(outcome.status == 0, "\(outcome.errors)")
  }

  /// The lines of a run's metrics.
  func metrics(_ run: String) throws -> [[String: Any]] {
    try folder.text("\(run)/metrics.jsonl").split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  /// The last weights and everything else that a resumed run goes on from.
  func last(_ run: String) throws -> [UInt8] {
    try folder.bytes("\(run)/checkpoints/last.safetensors")
  }
}

private struct MadeUpData {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder("data")
    for (part, count, drawn) in [("train", 60_000, 200), ("test", 10_000, 64)] {
      let prefix = "emnist-mnist-\(part)"
      var images = Self.header(3, [count, 28, 28])
      for index in 0..<drawn { images += Self.image(index) }
      try folder.write(images, to: "\(prefix)-images-idx3-ubyte")
      let path = "\(folder.path)/\(prefix)-images-idx3-ubyte"
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.truncate(atOffset: UInt64(16 + count * 28 * 28))
      try file.close()
      let labels = (0..<count).map { UInt8($0 % 10) }
      try folder.write(Self.header(1, [count]) + labels, to: "\(prefix)-labels-idx1-ubyte")
    }
  }

  private static func header(_ dimensions: UInt8, _ sizes: [Int]) -> [UInt8] {
    [0, 0, 8, dimensions]
      + sizes.flatMap { size in [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: size >> $0) } }
  }

  /// A bright bar, whose place tells the class, in a pattern that is another in every image.
  private static func image(_ index: Int) -> [UInt8] {
    (0..<28 * 28).map { place in
      let isBar = (2 * (index % 10)..<2 * (index % 10) + 6).contains(place % 28)
      let noise = UInt8((place * 7919 + index * 104_729) % 10007 % 90)
      return isBar ? 150 + noise : noise
    }
  }
}
