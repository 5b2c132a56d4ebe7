import Counterspike
import Testing

@Suite("Layer notation")
struct LayerNotationTests {
  @Test(
    "reads what it writes",
    arguments: [
      "15C5-P2-40C5-P2-300-10", "32C5p2-P2-64C5p2-P2-1024-10", "8C3p1s2-D0.2-10", "10",
    ])
  func roundTrip(notation: String) throws {
    #expect(LayerNotation.format(try LayerNotation.parse(notation)) == notation)
  }

  @Test(
    "names the item that is no layer", arguments: ["", "15C5--10", "15X5-10", "P0-10", "0-10"])
  func refusal(notation: String) {
    #expect(throws: CounterspikeError.self) { try LayerNotation.parse(notation) }
  }
}
