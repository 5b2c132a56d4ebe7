package import CounterspikeSettings
package import CounterspikeSystem

extension LossSettings {
  /// Whether class weights wait for the training samples.
  package var isBalanced: Bool { terms.contains { $0.classWeights == .balanced } }

  /// The same loss with `balanced` class weights as numbers.
  ///
  /// - Parameter source: the training samples.
  /// - Throws: `mismatch` naming a sample whose label is no class.
  package func balanced(by source: any SampleSource) throws(CounterspikeError) -> LossSettings {
    guard isBalanced else { return self }
    var counts = [Int](repeating: 0, count: source.classCount)
    for index in 0..<source.count {
      counts[Int(try source.checkedLabel(at: index, classCount: source.classCount))] += 1
    }
    let classes = counts.count { $0 > 0 }
    // A class of which no sample is known has no say in training; elsewhere it counts as others do.
    let weights = counts.map { count in
      count == 0 ? 1 : Double(source.count) / Double(classes * count)
    }
    var result = self
    for index in terms.indices where terms[index].classWeights == .balanced {
      result.terms[index].classWeights = .list(weights)
    }
    return result
  }
}
