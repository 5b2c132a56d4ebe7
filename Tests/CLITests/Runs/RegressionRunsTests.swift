import Foundation
import Testing

@Suite("runs, compare, sweep, report and diagnose of targets that are numbers")
struct RegressionRunsTests {
  let folder: TemporaryFolder

  /// Arrays of images whose halves' means are the targets.
  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("data")
    for (part, count) in [("train", 80), ("test", 20)] {
      let halves = (0..<count).flatMap { index -> [Float] in
        [Float(index * 7 % 10) / 10, Float(index * 3 % 10) / 10]
      }
      try folder.write(
        Self.array(
          "(\(count), 1, 2, 2)", halves.flatMap { half -> [Float] in [2 * half, 2 * half] }),
        to: "data/x_\(part).npy")
      try folder.write(Self.array("(\(count), 2)", halves), to: "data/y_\(part).npy")
    }
    try folder.write(
      """
      name: numbers
      data: {set: array-folder, arrays: {targets: numbers}, validation: 0.2}
      network: {layers: 20-2, timeSteps: 8}
      gradient: {rule: surrogate}
      loss: {kind: squaredError}
      optimizer: {learningRate: 1e-2}
      training: {epochs: 2, batchSize: 8}
      """, to: "numbers.yaml")
  }

  private static func array(_ shape: String, _ values: [Float]) -> [UInt8] {
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(shape), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
      + values.flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
  }

  private func run(_ arguments: String...) async throws -> Command.Outcome {
    let options = ["train", "sweep", "diagnose"].contains(arguments[0]) ? ["--data", "data"] : []
    let threads = ["runs", "compare"].contains(arguments[0]) ? [] : ["--threads", "1"]
    return try await Command.run(arguments + options + threads, in: folder)
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("the error stands where an accuracy stands else")
  func whole() async throws {
    for seed in ["1", "2"] {
      let trained = try await run(
        "train", "numbers.yaml", "--seed", seed, "--output", "runs/\(seed)", "--json")
      try #require(trained.status == 0, "\(trained.errors)")
      let end = try object(String(try #require(trained.output.split(separator: "\n").last)))
      #expect(end["testRMSE"] is Double && end["testAccuracy"] is NSNull)
    }
    let list = try await run("runs")
    #expect(list.output.split(separator: "\n")[0].contains("result"))
    #expect(list.output.matches(of: /RMSE 0\.\d{4}/).count == 2, "\(list.output)")
    let compared = try await run("compare", "runs/1", "runs/2")
    #expect(compared.output.contains("A, B, by seed: RMSE 0."), "\(compared.output)")
    #expect(!compared.output.contains("ccuracy"))

    let report = try await run("report", "runs/1", "runs/2", "--json")
    try #require(report.status == 0, "\(report.errors)")
    let runs = try #require(try object(report.output)["runs"] as? [[String: Any]])
    let test = try #require(runs[0]["test"] as? [String: Any])
    #expect(test["rmse"] is Double && test["accuracy"] is NSNull)
    #expect((runs[0]["machines"] as? [String])?.count == 1)
    let page = try folder.text("runs/1/report.html")
    #expect(page.contains("root mean squared error") && page.contains("trained on"))
    #expect(!page.contains("Worst confusions") && !page.contains(">accuracy<"))

    let diagnosed = try await run("diagnose", "numbers.yaml")
    #expect(!diagnosed.output.contains("classes") && !diagnosed.output.contains("accuracy"))
  }

  @Test("a sweep puts the lowest error first")
  func sweep() async throws {
    let outcome = try await run(
      "sweep", "numbers.yaml", "--over", "optimizer.learningRate=1e-5,2e-2", "--output", "s",
      "--json")
    try #require(outcome.status == 0, "\(outcome.errors)")
    let settings = try #require(try object(outcome.output)["settings"] as? [[String: Any]])
    #expect(
      settings.map { ($0["settings"] as? [String])?.first } == [
        "optimizer.learningRate=2e-2", "optimizer.learningRate=1e-5",
      ])
    let errors = settings.compactMap { $0["meanRMSE"] as? Double }
    #expect(errors.count == 2 && errors[0] < errors[1])
  }
}
