/// Finds places for labels where none covers another.
package enum LabelPlacing {
  /// Moves labels along a line as little as needed, their order kept.
  ///
  /// - Parameters:
  ///   - wanted: the labels' centres as they would be alone; what is no number goes to the end.
  ///   - size: of every label.
  ///   - range: of the centres; more labels than it has room for go on beyond its end.
  package static func apart(_ wanted: [Double], size: Double, in range: ClosedRange<Double>)
    -> [Double]
  {
    let wanted = wanted.map {
      $0.isNaN ? range.upperBound : min(max($0, range.lowerBound), range.upperBound)
    }
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    // Labels that touch make a block, around the mean of the places that its labels want.
    var blocks: [(count: Int, first: Double)] = []
    for index in order {
      var block = (count: 1, first: wanted[index])
      while let last = blocks.last, last.first + Double(last.count) * size > block.first {
        blocks.removeLast()
        let shifted = block.first - Double(last.count) * size
        let count = last.count + block.count
        let sum = last.first * Double(last.count) + shifted * Double(block.count)
        block = (count, sum / Double(count))
      }
      blocks.append(block)
    }
    let places = blocks.flatMap { block in
      (0..<block.count).map { block.first + Double($0) * size }
    }
    var result = wanted
    for (place, index) in order.enumerated() {
      let below = range.upperBound - Double(order.count - 1 - place) * size
      let above = range.lowerBound + Double(place) * size
      result[index] = max(min(places[place], below), above)
    }
    return result
  }

  /// Which labels fit beside each other on a line, those that come first in `order` before others.
  ///
  /// - Parameters:
  ///   - spans: where each label begins and ends.
  ///   - gap: the least space between two.
  package static func shown(
    _ spans: [ClosedRange<Double>], order: [Int], gap: Double
  ) -> Set<Int> {
    var shown: Set<Int> = []
    for index in order {
      let isFree = shown.allSatisfy { other in
        spans[index].upperBound + gap <= spans[other].lowerBound
          || spans[other].upperBound + gap <= spans[index].lowerBound
      }
      if isFree { shown.insert(index) }
    }
    return shown
  }
}
