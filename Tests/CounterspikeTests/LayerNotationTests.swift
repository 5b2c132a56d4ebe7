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
    "has nothing for layers that it could not read back",
    arguments: [
      [], [.dropout(1e-5), .dense(10)], [.dense(0)], [.convolution(3, kernel: 0)],
    ] as [[LayerSettings]])
  func noNotation(layers: [LayerSettings]) {
    #expect(LayerNotation.format(layers) == nil)
  }

  @Test(
    "names the item that is no layer",
    arguments: [
      "", "15C5--10", "15X5-10", "P0-10", "0-10", "15C5s0-10", "D1-10", "15C5s1p2-10",
      // Digits of other scripts.
      "15C5p٢-10", "15C5s٢-10", "١٥C5-10", "15C٥-10", "P٢-10", "D0.٢-10", "٣٠٠-10", "15C5p２-10",
    ])
  func refusal(notation: String) {
    #expect(throws: CounterspikeError.self) { try LayerNotation.parse(notation) }
  }
}
