import Counterspike
import Foundation
import Testing

@testable import CounterspikeTraining

@Suite("A run's folder")
struct RunFolderTests {
  private let temporary: TemporaryFolder

  init() throws { temporary = try TemporaryFolder() }

  @Test("has no metrics yet, a place for checkpoints, and of a begun run the recipe's every key")
  func creating() throws {
    let recipe = try TrainingCase.augmented.recipe
    let folder = try RunFolder(creating: temporary.file("a/b/run"), for: recipe)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["checkpoints", "metrics.jsonl"])
    _ = try TrainingRun(starting: TrainingCase.augmented.trainer(), folder: folder)
    #expect(try bytes(of: folder.recipePath) == Array(recipe.yaml.utf8))
    #expect(try bytes(of: folder.metricsPath).isEmpty)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == ["checkpoints", "metrics.jsonl", "recipe.yaml", "run.json"])
  }

  @Test("remembers the machine once, and a further one behind it")
  func machines() throws {
    let folder = try TrainingCase.plain.run(in: temporary.file("run")) { $0.training.epochs = 1 }
    let here = TrainingMachine(workers: 3)
    func lines() -> [String] { TrainingMachine.descriptions(folder.notesPath) }
    let first = lines()
    #expect(first.count == 1)
    #expect(first[0].contains("counterspike ") && first[0].contains("GiB of memory"))
    #expect(here.description.contains("3 threads"))
    let held = try RunFolder(resuming: folder.path)
    try held.rememberMachine(workers: 3)
    try held.rememberMachine(workers: 3)
    #expect(lines() == first + [here.description])
    for workers in 4..<40 { try held.rememberMachine(workers: workers) }
    #expect(lines().count == TrainingMachine.remembered)
    // What cannot be read is no machine.
    try Data("{".utf8).write(to: URL(fileURLWithPath: folder.notesPath))
    #expect(lines().isEmpty)
  }

  @Test("can be resumed by its name, with slashes, or by a checkpoint in it")
  func existing() throws {
    let folder = try TrainingCase.plain.run(in: temporary.file("run")) { $0.training.epochs = 1 }
    #expect(FileManager.default.fileExists(atPath: folder.bestCheckpointPath))
    for path in [
      folder.path, folder.path + "/", folder.path + "//", folder.lastCheckpointPath,
      folder.bestCheckpointPath,
    ] {
      #expect(try RunFolder(existing: path).path == folder.path)
    }
  }

  @Test(
    "cannot be resumed where there is none; a path is understood as one would expect",
    arguments: [
      ("none-such", "“none-such”"), ("none-such/", "“none-such”"),
      ("none-such/checkpoints/last.safetensors", "“none-such”"),
      ("checkpoints/last.safetensors", "“.”"), ("last.safetensors", "“..”"),
      ("./last.safetensors", "“..”"), ("/", "“/”"),
    ])
  func missing(path: String, name: String) throws {
    let error = #expect(throws: CounterspikeError.self) { try RunFolder(existing: path) }
    #expect(error?.code == .unreadableFile)
    let message = try #require(error?.message)
    #expect(message.contains("there is no run in \(name)"), "\(message)")
    #expect(message.contains("name a run's folder"))
  }

  @Test("is not written over once a run was begun in it")
  func occupied() throws {
    let path = temporary.file("run")
    let recipe = try TrainingCase.plain.recipe
    let folder = try RunFolder(creating: path, for: recipe)
    func refuse() throws {
      let error = #expect(throws: CounterspikeError.self) {
        try RunFolder(creating: path, for: recipe)
      }
      #expect(error?.code == .unwritableFile)
      #expect(
        error?.message
          == "“\(path)” holds a run already; go on with it, or name another folder")
      #expect(error?.remedy == .resumeRun)
    }
    _ = try TrainingRun(starting: TrainingCase.plain.trainer(), folder: folder)
    try refuse()
    try FileManager.default.removeItem(atPath: folder.recipePath)
    try refuse()
  }

  @Test("is its owner's alone, from before the checkpoint is read until the value is gone")
  func owned() throws {
    let path = temporary.file("run")
    func refusals() -> [String?] {
      let resuming = #expect(throws: CounterspikeError.self) { try RunFolder(resuming: path) }
      return [resuming?.code.description, resuming?.message]
    }
    do {
      let folder = try RunFolder(creating: path, for: TrainingCase.plain.recipe)
      let error = #expect(throws: CounterspikeError.self) {
        try RunFolder(creating: path, for: TrainingCase.plain.recipe)
      }
      #expect(error?.message.hasSuffix("name another folder") == true)
      #expect(
        try TrainingRun(starting: TrainingCase.plain.trainer(), folder: folder).run() == .finished)
      #expect(
        refusals() == [
          "unwritableFile",
          "“\(path)” is trained in by another run, of this or "
            + "another process; wait until it ends, or stop it",
        ])
      // To look at, it is there for everybody.
      #expect(try RunFolder(existing: path).path == folder.path)
    }
    do {
      let first = try RunFolder(resuming: path)
      #expect(refusals().first == "unwritableFile")
      #expect(first.path == path)
    }
    #expect(try RunFolder(resuming: path).path == path)
  }

  @Test("may be one that is there already, with other files in it")
  func present() throws {
    try Data("x".utf8).write(to: URL(fileURLWithPath: temporary.file("notes.txt")))
    let folder = try RunFolder(creating: temporary.path, for: TrainingCase.plain.recipe)
    #expect(folder.path == temporary.path)
    #expect(try temporary.names.contains("notes.txt"))
  }

  @Test("cannot be made where nothing can be written")
  func unwritable() throws {
    try Data("x".utf8).write(to: URL(fileURLWithPath: temporary.file("file")))
    for path in [temporary.file("file/run"), temporary.file("file"), "/proc/none/run"] {
      let error = #expect(throws: CounterspikeError.self) {
        try RunFolder(creating: path, for: TrainingCase.plain.recipe)
      }
      #expect(error?.code == .unwritableFile)
      let message = try #require(error?.message)
      #expect(message.contains("“\(path)” cannot be created"), "\(message)")
      #expect(message.hasSuffix("name another") && !message.contains("\n"))
      #expect(error?.remedy == .nameRunFolder)
    }
  }

  @Test("has metrics in the order and form that others read")
  func metrics() throws {
    let folder = try TrainingCase.plain.run(in: temporary.file("run"))
    let lines = try JSONLine.lines(in: folder.metricsPath)
    #expect(lines.count == 2)
    #expect(lines.map { $0["epoch"]?.integerValue } == [1, 2])
    #expect(lines.map { $0["step"]?.integerValue } == [4, 8])
    for line in lines {
      #expect(
        line.members.map(\.key) == [
          "epoch", "step", "loss", "trainAccuracy", "testLoss", "testAccuracy", "learningRate",
          "firingRates", "samplesPerSecond", "seconds",
        ])
      for key in ["trainAccuracy", "testAccuracy"] {
        #expect((0...1).contains(try #require(line[key]?.doubleValue)))
      }
      #expect(try #require(line["seconds"]?.doubleValue) > 0)
    }
  }

  @Test("that is removed, or replaced by another, ends the run", arguments: [false, true])
  func replaced(isThere: Bool) throws {
    let path = temporary.file("run")
    let trainer = try TrainingCase.plain.trainer()
    let run = try TrainingRun(
      starting: trainer, folder: RunFolder(creating: path, for: trainer.recipe))
    let error = #expect(throws: CounterspikeError.self) {
      try run.run { event in
        guard case .step(let report) = event, report.epoch == 2, report.step == 1 else { return }
        try FileManager.default.removeItem(atPath: path)
        if isThere { try TrainingCase.dropout.run(in: path) }
      }
    }
    #expect(error?.code == .unwritableFile)
    #expect(
      error?.message.contains("was \(isThere ? "replaced by another" : "removed") while the run")
        == true)
    guard isThere else { return }
    let other = try RunFolder(existing: path)
    #expect(try JSONLine.lines(in: other.metricsPath).count == 2)
    #expect(try Checkpoint(contentsOf: other.lastCheckpointPath).recipe.name == "dropout")
  }

  @Test("with a link for a part is refused", arguments: ["checkpoints", "metrics.jsonl"])
  func links(part: String) throws {
    let path = temporary.file("run")
    let elsewhere = temporary.file("elsewhere")
    try TrainingCase.plain.run(in: path)
    try FileManager.default.moveItem(atPath: "\(path)/\(part)", toPath: elsewhere)
    try FileManager.default.createSymbolicLink(
      atPath: "\(path)/\(part)", withDestinationPath: elsewhere)
    let error = #expect(throws: CounterspikeError.self) { try RunFolder(resuming: path) }
    #expect(error?.code == .unwritableFile && error?.message.contains("is a link") == true)
    // To look at, it may be.
    #expect(try RunFolder(existing: path).path == path)
  }

  @Test("whose metrics lack epochs goes on, and says which")
  func metricsGap() throws {
    let path = temporary.file("run")
    let folder = try TrainingCase.plain.run(in: path)
    let first = try bytes(of: folder.metricsPath).prefix { $0 != UInt8(ascii: "\n") } + [10]
    try Data(first).write(to: URL(fileURLWithPath: folder.metricsPath))
    let checkpoint = try Checkpoint(contentsOf: folder.lastCheckpointPath)
    let run = try TrainingRun(
      resuming: checkpoint, trainer: TrainingCase.plain.trainer(), folder: folder)
    #expect(run.remarks.count == 1)
    #expect(run.remarks[0].contains("has no line of the epochs 2, which were trained"))
  }
}
