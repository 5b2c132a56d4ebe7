import Foundation
import Testing

@Suite("data show and data info of text")
struct SeriesDataTests {
  @Test("name a folder's channels as the headings of its tables do")
  func headings() async throws {
    let folder = try TemporaryFolder("series")
    for part in ["train", "test"] {
      try SeriesFolder.write(part, classes: ["rise", "fall"], count: 2, to: folder)
    }
    let shown = try await DataTests.run(
      "show", "series-folder#1", "--data", ".", "--set", "network.timeSteps=6", folder: folder)
    #expect(shown.status == 0, "\(shown.errors)")
    #expect(shown.output.contains("speed") && shown.output.contains("force"), "\(shown.output)")
    let drawn = try await DataTests.run(
      "show", "series-folder", "--data", ".", "--output", "a.svg", folder: folder)
    #expect(drawn.status == 0, "\(drawn.errors)")
    let texts = try folder.text("a.svg")
    #expect(texts.contains(">speed<") && texts.contains(">force<") && !texts.contains("channel 1"))
    // Encoded as spikes, a column is two channels, or none of its own.
    let spikes = try await DataTests.run(
      "show", "series-folder", "--data", ".", "--set", "data.encoding.kind=delta", folder: folder)
    #expect(spikes.status == 0 && !spikes.output.contains("speed"), "\(spikes.errors)")

    try folder.write("force,speed\n1,2\n2,3\n", to: "test/rise/1.csv")
    let swapped = try await DataTests.run("show", "series-folder", "--data", ".", folder: folder)
    expectError(swapped, .badData, "1.csv” has the columns “force”, “speed”, and “")
  }

  @Test("call a recording what it is, with a heading and no event")
  func noEvents() async throws {
    let folder = try TemporaryFolder("empty")
    try folder.write("t,x,y,p\n", to: "heading.csv")
    let outcome = try await DataTests.run("info", "heading.csv", folder: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "CSV: a recording without events\n")
    let json = try await DataTests.run("info", "heading.csv", "--json", folder: folder)
    #expect(json.output.contains("\"events\":0"), "\(json.output)")
    try folder.write("# nothing\n\n", to: "comment.csv")
    expectError(
      try await DataTests.run("info", "comment.csv", folder: folder), .badData,
      "the file has no line of numbers; let every line be one event")
  }
}
