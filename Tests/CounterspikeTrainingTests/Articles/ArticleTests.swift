import Counterspike
import CounterspikeData
import CounterspikeStudy
import CounterspikeTraining
import Foundation
import Testing

@Suite("The documentation's articles")
struct ArticleTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let sources = folder.deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Sources")

  /// The pieces of code between the marks of ArticleExamples.swift, not indented.
  private static func pieces() throws -> Set<String> {
    let source = try String(
      contentsOf: folder.appendingPathComponent("ArticleExamples.swift"), encoding: .utf8)
    var pieces: Set<String> = []
    var piece: [Substring]?
    var indent = 0
    for line in source.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasSuffix("// begin") {
        piece = []
        indent = line.prefix { $0 == " " }.count
      } else if line.hasSuffix("// end") {
        pieces.insert((piece ?? []).joined(separator: "\n"))
        piece = nil
      } else {
        piece?.append(line.dropFirst(indent))
      }
    }
    return pieces
  }

  /// The blocks of Swift in a text of Markdown.
  private static func blocks(_ text: String) -> [String] {
    text.components(separatedBy: "```swift\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
  }

  @Test(
    "have code that compiles",
    .enabled(
      if: FileManager.default.fileExists(atPath: sources.path), "the sources are not here"))
  func verbatim() throws {
    let pieces = try Self.pieces()
    var found: Set<String> = []
    let files = FileManager.default.enumerator(at: Self.sources, includingPropertiesForKeys: nil)
    for case let file as URL in try #require(files) where file.path.contains(".docc/") {
      guard file.pathExtension == "md" else { continue }
      for block in Self.blocks(try String(contentsOf: file, encoding: .utf8)) {
        #expect(pieces.contains(block), "\(file.lastPathComponent):\n\(block)")
        found.insert(block)
      }
    }
    #expect(found == pieces, "pieces that no article has: \(pieces.subtracting(found))")
  }

  @Test("train a first network")
  func firstNetwork() throws {
    #expect(try ArticleExamples.firstNetwork() > 0.6)
  }

  @Test("train on own data, keep the run, and find nothing wrong with it")
  func ownData() throws {
    let folder = try TemporaryFolder()
    let data = try ArticleExamples.ownData()
    var recipe = Recipe()
    recipe.network = try NetworkSettings("16-2", timeSteps: 4)
    recipe.optimizer.learningRate = 5e-3
    recipe.training.epochs = 5
    recipe.training.batchSize = 20
    let checkpoint = try ArticleExamples.keptRun(recipe, data, path: "\(folder.path)/run")
    #expect(try checkpoint.network().evaluate(data.test).accuracy > 0.9)
    #expect(try ArticleExamples.sameWeights(recipe, data))
    #expect(try ArticleExamples.diagnosis(recipe, data).isHealthy)
    #expect(try ArticleExamples.registeredData().training.count == 200)
  }

  @Test("choose and compare rules")
  func rules() throws {
    let (recipe, report) = try ArticleExamples.rules(ArticleExamples.ownData())
    #expect(recipe.network.layers[0].gradient == .neighborhood())
    #expect(report.layers.count == 3)
  }
}
