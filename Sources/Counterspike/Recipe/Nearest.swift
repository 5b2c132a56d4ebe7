extension String {
  /// The candidate that this is most likely a misspelling of, in whatever case, or `nil` when none
  /// resembles it.
  package func nearest(in candidates: [String]) -> String? {
    let word = Array(lowercased().prefix(64))
    let rated = candidates.map { (name: $0, distance: editDistance(word, Array($0.lowercased()))) }
    guard let best = rated.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, min(word.count, best.name.count) / 3) ? best.name : nil
  }
}

/// The number of characters that must be inserted, removed or replaced to turn `a` into `b`
/// (Levenshtein, 1965).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var row = Array(0...b.count)
  for (i, left) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, right) in b.enumerated() {
      let replaced = diagonal + (left == right ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
