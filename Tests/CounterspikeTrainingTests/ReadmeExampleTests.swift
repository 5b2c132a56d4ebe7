import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("The README's example")
struct ReadmeExampleTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  private static let readme = folder.deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("README.md").path

  /// The lines between the two marks of LibraryExample.swift, not indented.
  private func example() throws -> String {
    let source = try String(
      contentsOf: Self.folder.appendingPathComponent("LibraryExample.swift"), encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let begin = try #require(lines.firstIndex { $0.hasSuffix("// begin") })
    let end = try #require(lines.firstIndex { $0.hasSuffix("// end") })
    let indent = lines[begin].prefix { $0 == " " }.count
    return lines[(begin + 1)..<end].map { $0.dropFirst(indent) }.joined(separator: "\n")
  }

  @Test(
    "is code that compiles",
    .enabled(if: FileManager.default.fileExists(atPath: readme), "there is no README.md"))
  func verbatim() throws {
    let text = try String(contentsOfFile: Self.readme, encoding: .utf8)
    let example = try example()
    #expect(example.hasPrefix("var recipe = Recipe()") && example.hasSuffix("trainer.network()"))
    #expect(text.contains("\n" + example + "\n"))
  }

  /// A folder with Fashion-MNIST: in the one that COUNTERSPIKE_TEST_DATA names, beside the package
  /// in shared/data, or where the system's package puts it.
  private static let data: String? = {
    let package = URL(fileURLWithPath: readme).deletingLastPathComponent()
    let shared =
      ProcessInfo.processInfo.environment["COUNTERSPIKE_TEST_DATA"]
      ?? package.appendingPathComponent("../shared/data").standardized.path
    return [shared + "/fashion-mnist", "/usr/share/datasets/fashion-mnist"].first {
      FileManager.default.fileExists(atPath: $0)
    }
  }()

  @Test(
    "trains on Fashion-MNIST",
    .enabled(
      if: data != nil,
      "Fashion-MNIST is absent; name a folder with fashion-mnist/ in it by COUNTERSPIKE_TEST_DATA"))
  func running() throws {
    let folder = try #require(Self.data)
    let (network, accuracies) = try LibraryExample.runShortly(folder: folder)
    #expect(accuracies.count == 3)
    #expect(accuracies[2] > 0.5, "\(accuracies)")
    #expect(network.plan.weightCount == 210_375)
    #expect(network.weights.allSatisfy { $0.scalars.allSatisfy(\.isFinite) })
  }
}
