import CounterspikeTraining
import Foundation
import Testing

@testable import CLIDrawing

@Suite("report")
struct ReportTests {
  let small: SmallRun

  init() throws { small = try SmallRun() }

  private func report(_ arguments: String...) async throws -> Command.Outcome {
    try await Command.run(["report", "--threads", "1"] + arguments, in: small.folder)
  }

  private static let sections = [
    "Curves", "Test samples", "Worst confusions", "What the network did", "Layers",
    "Membrane potentials against the threshold", "Weights of the first layer", "Operations",
    "Horowitz", "Network", "The whole recipe",
  ]

  @Test("a page has all sections, is well-formed, fetches nothing, and tells what evaluate tells")
  func page() async throws {
    try await small.trainSmall()
    let outcome = try await report("run")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let html = try small.folder.text("run/report.html")
    #expect(AuditPageTests.isWellFormed(html))
    for section in Self.sections { #expect(html.contains(section), "\(section)") }
    let links = html.matches(of: #/(?:src=|href=|url\(|@import|https?:)[^>\s]*/#).map { $0.0 }
    #expect(
      links.allSatisfy {
        $0 == "http://www.w3.org/2000/svg\"" || $0.hasPrefix("src=\"data:image/bmp;base64,")
      })
    #expect(html.matches(of: #/<input[^>]*type="range"/#).count > 1)
    #expect(html.contains("prefers-color-scheme: dark") && html.contains("@media print"))

    let json = try await report("run", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
    let runs = try #require(object?["runs"] as? [[String: Any]])
    let test = try #require(runs.first?["test"] as? [String: Any])
    let evaluated = try await small.run("evaluate", "run", "--json", "--threads", "1")
    let wanted = try #require(
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any])
    for key in ["accuracy", "loss", "samples"] {
      #expect(test[key] as? Double == wanted[key] as? Double, "\(key)")
    }
    #expect(test["confusion"] as? [[Int]] == wanted["confusion"] as? [[Int]])
    let percent = try #require(wanted["accuracy"] as? Double).percent
    #expect(html.contains(percent) && outcome.output.contains(percent))
  }

  @Test("names with markup and terminal escapes do no harm")
  func names() async throws {
    let name = "<script>alert(1)<" + "\u{1B}[31m&\"'"
    let trained = try await small.train("small.yaml", "--output", name, "--quiet")
    try #require(trained.status == 0, "\(trained.errors)")
    let outcome = try await report(name)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"))
    let html = try small.folder.text("\(name)/report.html")
    #expect(AuditPageTests.isWellFormed(html))
    #expect(html.matches(of: #/<script/#).count == 1)
    #expect(!html.contains("\u{1B}"))
  }

  @Test("several runs are compared and summed up over seeds")
  func several() async throws {
    for seed in ["1", "2"] {
      let outcome = try await small.train(
        "small.yaml", "--output", "r\(seed)", "--quiet", "--epochs", "1", "--seed", seed)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    try small.folder.makeFolder("empty")
    let outcome = try await report("r1", "r2", "empty", "--html", "all.html")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let html = try small.folder.text("all.html")
    #expect(AuditPageTests.isWellFormed(html))
    #expect(html.contains("Differences of the recipes") && html.contains("(2 runs)"))
    #expect(html.matches(of: #/ ± [0-9.]+ \(2 runs\)/#).count == 1)
    #expect(html.contains("<td>empty</td>") && html.contains("The run is empty"))
    let identifiers = html.matches(of: #/ id="([^"]*)"/#).map { String($0.1) }
    #expect(Set(identifiers).count == identifiers.count)
    // A second time the file that was named is not replaced.
    let again = try await report("r1", "--html", "all.html")
    #expect(again.status == 73 && again.errors.contains("--overwrite"))
    #expect(try small.folder.text("all.html") == html)
  }

  @Test("what is no run is reported as what it is, and nothing is written")
  func noRun() async throws {
    try small.folder.makeFolder("empty")
    try small.folder.makeFolder("foreign")
    try small.folder.write("text", to: "foreign/letter.txt")
    for (name, part) in [
      ("empty", "holds no run (empty)"), ("foreign", "holds no run (foreign)"),
      ("nowhere", "there is no folder"), ("small.yaml", "is a file"),
    ] {
      let outcome = try await report(name)
      #expect(outcome.status == 66, "\(name)")
      #expect(outcome.errors.contains(part) && outcome.errorLines.count == 2, "\(outcome.errors)")
    }
    #expect(small.folder.names(in: "empty").isEmpty)
    #expect(small.folder.names(in: "foreign") == ["letter.txt"])
  }

  @Test("a line that is cut off is lost alone, and a damaged checkpoint leaves the curves")
  func damaged() async throws {
    try await small.trainSmall()
    let metrics = try small.folder.text("run/metrics.jsonl")
    try small.folder.write(String(metrics.dropLast(20)), to: "run/metrics.jsonl")
    let cut = try await report("run")
    #expect(cut.status == 0 && cut.errors.contains("1 line of metrics.jsonl"), "\(cut.errors)")
    #expect(try small.folder.text("run/report.html").contains("epoch 1: "))

    let best = try small.folder.bytes("run/checkpoints/best.safetensors")
    try small.folder.write(Array(best.dropLast(10)), to: "run/checkpoints/best.safetensors")
    let outcome = try await report("run")
    #expect(outcome.status == 0 && outcome.errors.contains("best.safetensors"))
    let html = try small.folder.text("run/report.html")
    #expect(AuditPageTests.isWellFormed(html))
    #expect(html.contains("class=\"problem\"") && html.contains("Curves"))
    #expect(!html.contains("What the network did"))
  }

  @Test("without its data a run has its curves and says what to do")
  func noData() async throws {
    try await small.trainSmall()
    try small.folder.makeFolder("nothing")
    let outcome = try await report("run", "--data", "nothing")
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("the data folder “nothing” lacks"), "\(outcome.errors)")
    #expect(try small.folder.text("run/report.html").contains("Curves"))
  }

  @Test("a running run is reported as running")
  func running() async throws {
    try await small.trainSmall()
    let held = try RunFolder(resuming: small.folder.path + "/run")
    let outcome = try await report("run")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("The run is running"))
    withExtendedLifetime(held) {}
  }

  @Test("the default file replaces an earlier report only")
  func replaced() async throws {
    try await small.trainSmall()
    #expect(try await report("run").status == 0)
    let first = try small.folder.text("run/report.html")
    #expect(try await report("run").status == 0)
    #expect(try small.folder.text("run/report.html") == first)
    try small.folder.write("mine", to: "run/report.html")
    let outcome = try await report("run")
    #expect(outcome.status == 73 && outcome.errors.contains("--overwrite"))
    #expect(try small.folder.text("run/report.html") == "mine")
    #expect(try await report("run", "--overwrite").status == 0)
  }
}
