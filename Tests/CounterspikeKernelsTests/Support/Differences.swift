/// The largest difference between results and what is expected; infinite where one is no number or
/// the sizes differ.
func largestDifference(_ ours: [Float], _ expected: [Double]) -> Double {
  guard ours.count == expected.count else { return .infinity }
  var largest = 0.0
  for (a, b) in zip(ours, expected) {
    let difference = abs(Double(a) - b)
    if !(difference <= largest) { largest = difference.isNaN ? .infinity : difference }
  }
  return largest
}

/// The same relative to the largest magnitude that is expected.
func relativeDifference(_ ours: [Float], _ expected: [Double]) -> Double {
  let scale = expected.reduce(0) { max($0, abs($1)) }
  let difference = largestDifference(ours, expected)
  return scale > 0 ? difference / scale : difference
}
