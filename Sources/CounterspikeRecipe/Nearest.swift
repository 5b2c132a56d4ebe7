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

/// The number of characters that must be inserted, removed, replaced or exchanged with their neighbour to
/// turn `a` into `b`, no character more than once (optimal string alignment; Damerau, 1964).
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var best = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
        best = min(best, rows[i - 1][j - 1] + 1)
      }
      row.append(best)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
