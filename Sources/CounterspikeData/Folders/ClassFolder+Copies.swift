internal import Counterspike

extension ClassFolder {
  /// What is to be said of files with the same content: test samples that are training samples, too,
  /// samples under two classes, and other copies.
  ///
  /// Only files of one length are read.
  ///
  /// - Throws: `unreadableFile`.
  func remarksOnCopies() throws(CounterspikeError) -> [String] {
    let parts = [training, validation, test]
    var lengths: [Int: [(part: Int, sample: Sample)]] = [:]
    for (part, samples) in parts.enumerated() {
      for sample in samples { lengths[sample.status.size, default: []].append((part, sample)) }
    }
    var leaked: [(Sample, Sample)] = []
    var ambiguous: [(Sample, Sample)] = []
    var copies: [(Sample, Sample)] = []
    for length in lengths.keys.sorted() {
      guard let group = lengths[length], group.count > 1 else { continue }
      var originals: [String: (part: Int, sample: Sample)] = [:]
      for (part, sample) in group {
        let sum = try Checksum.sha256(ofFile: sample.path)
        guard let original = originals[sum] else {
          originals[sum] = (part, sample)
          continue
        }
        let pair = (sample, original.sample)
        if sample.label != original.sample.label {
          ambiguous.append(pair)
        } else if part != original.part {
          leaked.append(pair)
        } else {
          copies.append(pair)
        }
      }
    }
    func remark(_ pairs: [(Sample, Sample)], _ one: String, _ many: String) -> String? {
      guard let (sample, original) = pairs.first else { return nil }
      return "\(pairs.count) \(pairs.count == 1 ? one : many) (“\(sample.path.excerpt)” and "
        + "“\(original.path.excerpt)”\(pairs.count > 1 ? ", …" : ""))"
    }
    return [
      remark(
        leaked, "test or validation sample is a copy of one of another part",
        "test or validation samples are copies of some of another part"),
      remark(
        ambiguous, "sample is a copy of one of another class",
        "samples are copies of some of another class"),
      remark(
        copies, "sample is a copy of another one of its class",
        "samples are copies of others of their class"),
    ].compactMap(\.self)
  }
}
