import Counterspike
import CounterspikeTraining
import Foundation
import Testing

@testable import CLI

@Suite("runs, compare and train's displays")
struct RunsTests {
  let small: SmallRun

  init() throws { small = try SmallRun() }

  @Test("a table of runs fits 80 columns and shows no control character of a name")
  func table() async throws {
    try small.folder.makeFolder("runs")
    let name = "runs/<script>\u{1B}[31m" + String(repeating: "long", count: 20)
    let outcome = try await small.train("small.yaml", "--output", name, "--quiet", "--epochs", "1")
    try #require(outcome.status == 0, "\(outcome.errors)")
    try small.folder.makeFolder("runs/empty")
    let listed = try await small.run("runs")
    #expect(listed.status == 0)
    let lines = listed.output.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(lines.allSatisfy { $0.count <= 80 }, "\(listed.output)")
    #expect(!listed.output.contains("\u{1B}"))
    #expect(lines[1].contains("finished") && lines[1].contains("1/1"))
    #expect(lines[2].hasPrefix("empty") && lines[2].hasSuffix("empty"))

    let json = try await small.run("runs", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let runs = try #require(object?["runs"] as? [[String: Any]])
    #expect(runs.map { $0["state"] as? String } == ["finished", "empty"])
    #expect(runs[0]["epochs"] as? Int == 1)

    let csv = try await small.run("runs", "--csv", "--filter", "state=finished")
    #expect(csv.output.components(separatedBy: "\r\n").count == 3)
    #expect(csv.output.contains("firingRates.conv_1"))
    #expect(!csv.output.contains("\u{1B}"))
  }

  @Test("wrong use of runs and compare is one line that says what to do")
  func wrongUse() async throws {
    for (arguments, status, part) in [
      (["runs"], Int32(66), "there is no folder “runs”"),
      (["runs", "--json", "--csv"], 64, "give one of them"),
      (["runs", "--reverse"], 64, "give --sort"),
      (["compare", "."], 64, "two or more"),
      (["compare", ".", "."], 66, "holds no run to compare"),
    ] {
      let outcome = try await Command.run(arguments, in: small.folder)
      #expect(outcome.status == status, "\(arguments)")
      #expect(outcome.errors.contains(part), "\(outcome.errors)")
      #expect(outcome.errorLines.count == 2)
    }
  }

  @Test("a comparison names what differs, and sums seeds up")
  func compare() async throws {
    for seed in 1...2 {
      let outcome = try await small.train(
        "small.yaml", "--output", "r\(seed)", "--quiet", "--epochs", "1", "--seed", "\(seed)")
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    let text = try await small.run("compare", "r1", "r2")
    #expect(text.status == 0)
    #expect(text.output.contains("\nseed"))
    #expect(text.output.contains("A, B, by seed: accuracy "))
    #expect(text.output.contains("(2 runs)"))
    #expect(!text.output.contains("batchSize"))
    let json = try await small.run("compare", "r1", "r2", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let differences = try #require(object?["differences"] as? [String: [String]])
    #expect(differences == ["seed": ["1", "2"]])
  }

  @Test("a log that cannot be written is told once, and the training's files are the same")
  func fullDisk() async throws {
    try small.folder.write(SmallRun.recipe(layers: "2C5-P4-10"), to: "small.yaml")
    try await small.trainSmall()
    let size = try small.last("run").count
    let log = try small.folder.bytes("run/events.out.tfevents.0000000001.counterspike").count
    // Blocks of 512 bytes: more than a checkpoint, less than the log.
    let blocks = size / 512 + 2
    try #require(blocks * 512 < log, "a checkpoint of \(size) bytes, a log of \(log)")
    let data = try SmallRun.dataFolder
    let outcome = try await Command.shell(
      "trap '' XFSZ; ulimit -f \(blocks); exec \"$COMMAND\" train small.yaml --quiet --threads 1 "
        + "--data '\(data)' --output full", in: small.folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("the training goes on without the log for TensorBoard"))
    #expect(outcome.errorLines.count == 2, "\(outcome.errors)")
    #expect(try small.last("full") == small.last("run"))
    #expect(try small.metrics("full").count == 2)
    // What fits is whole records: the file can be read to its last one.
    #expect(small.folder.has("full/events.out.tfevents.0000000001.counterspike"))
  }

  #if os(Linux)
    @Test(
      "on a small disk the log gives way to the checkpoints, whenever that happens",
      .enabled(if: FileLimitTests.mounts, "mounting a small disk takes root"),
      arguments: [4, 16])
    func smallDisk(kibibytesOfLog: Int) async throws {
      try small.folder.write(
        SmallRun.recipe(layers: "2C5-P4-10", training: ["epochs: 4", "batchSize: 10"]),
        to: "small.yaml")
      let reference = try await small.train("small.yaml", "--quiet", "--output", "run")
      try #require(reference.status == 0, "\(reference.errors)")
      let log = "events.out.tfevents.0000000001.counterspike"
      let whole = try small.folder.bytes("run/\(log)").count
      // Pages of 4 KiB: recipe, run.json, metrics, three checkpoints, and what the log leaves to them.
      let path = small.folder.path + "/run/checkpoints/last.safetensors"
      let weights = try Checkpoint(contentsOf: path).network().plan.weightCount
      let checkpoint = (try small.last("run").count + 4095) / 4096 * 4
      let size = 24 + 2 * checkpoint + 3 * (12 * weights + 1 << 15) / 1024 + kibibytesOfLog
      try small.folder.makeFolder("disk")
      let data = try SmallRun.dataFolder
      let outcome = try await Command.shell(
        "unshare -m sh -c 'mount -t tmpfs -o size=\(size)k none disk && \"$COMMAND\" train small.yaml "
          + "--quiet --threads 1 --data \"\(data)\" --output disk/run; status=$?; cp -r disk/run full; "
          + "exit $status'", in: small.folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(try small.last("full") == small.last("run"))
      #expect(try small.metrics("full").count == 4)
      try #require(whole > kibibytesOfLog * 1024, "a log of \(whole) bytes")
      #expect(outcome.errors.contains("the training goes on without the log for TensorBoard"))
      #expect(outcome.errorLines.count == 2, "\(outcome.errors)")
      // What there is of the log is the beginning of it.
      #expect(try small.folder.bytes("full/\(log)").count < whole)
    }
  #endif

  @Test("without --tensorboard the run is the same and has no log")
  func noLog() async throws {
    try await small.trainSmall()
    let outcome = try await small.train(
      "small.yaml", "--output", "bare", "--quiet", "--no-tensorboard")
    #expect(outcome.status == 0)
    #expect(try small.last("bare") == small.last("run"))
    #expect(!small.folder.names(in: "bare").contains { $0.contains("tfevents") })
  }

  @Test("a curve goes from the lowest block to the highest")
  func sparkline() {
    #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], columns: 8) == "▁▂▃▄▅▆▇█")
    #expect(Sparkline.text([1, 1, 3, 3], columns: 2) == "▁█")
    #expect(Sparkline.text([2, 2], columns: 8) == "▄▄")
    #expect(Sparkline.text([0, .nan, 1], columns: 8) == "▁ █")
    #expect(Sparkline.text([.nan], columns: 8) == " ")
    #expect(Sparkline.text([], columns: 8).isEmpty)
    let lines = WatchDisplay.lines([
      ("loss", Array(repeating: 1, count: 1000)),
      (String(repeating: "x", count: 60), [0.5]),
    ])
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("--watch prints plain lines where there is no terminal")
  func plainWatch() async throws {
    let outcome = try await small.train("small.yaml", "--output", "w", "--watch")
    #expect(outcome.status == 0)
    #expect(!outcome.output.contains("\u{1B}") && !outcome.output.contains("█"))
    #expect(outcome.output.contains("epoch 2/2"))
  }
}
