import Testing

@testable import CLIDrawing

@Suite("Placing of labels")
struct LabelPlacingTests {
  @Test("labels that have room stay where they are")
  func stays() {
    #expect(LabelPlacing.apart([80, 10, 45], size: 15, in: 0...100) == [80, 10, 45])
  }

  @Test("labels that cover each other go apart around their mean, in their order")
  func apart() {
    #expect(LabelPlacing.apart([50, 52, 10], size: 10, in: 0...100) == [46, 56, 10])
    #expect(LabelPlacing.apart([50, 50, 50], size: 10, in: 0...100) == [40, 50, 60])
    #expect(LabelPlacing.apart([100, 99, 98], size: 10, in: 0...100) == [100, 90, 80])
  }

  @Test("no two labels overlap, whatever is wanted", arguments: NumberCase.all)
  func extremes(numbers: NumberCase) {
    let wanted = numbers.values + numbers.values + [3, 3.5, 99]
    let places = LabelPlacing.apart(wanted, size: 15, in: 0...100)
    let sorted = places.sorted()
    #expect(places.count == wanted.count)
    #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $1 - $0 >= 15 - 1e-9 })
    #expect(sorted[0] >= 0)
    if wanted.count <= 7 { #expect((sorted.last ?? 0) <= 100) }
  }

  @Test("of labels on a line those are shown that fit, the first of the order before others")
  func shown() {
    let spans = [0.0...10, 8...20, 22...30, 31...40]
    #expect(LabelPlacing.shown(spans, order: [0, 1, 2, 3], gap: 0) == [0, 2, 3])
    #expect(LabelPlacing.shown(spans, order: [1, 0, 2, 3], gap: 2) == [1, 2])
    #expect(LabelPlacing.shown([], order: [], gap: 1) == [])
  }
}
