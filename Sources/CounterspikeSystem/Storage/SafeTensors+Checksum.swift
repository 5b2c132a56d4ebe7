extension SafeTensorsFile {
  /// Says in the metadata that the file has a sum. With the sum's own key there are two, so that no
  /// single changed bit makes of a file with a sum one without.
  static let checkedKey = "counterspike.checked"
  /// The SHA-256, in hexadecimal digits, of the whole file with zeros in its place.
  static let sumKey = "counterspike.sha256"
  private static let sumCount = 64

  /// Writes the file with a checksum of all its bytes, which is checked when it is read; other readers
  /// see two more texts in the metadata.
  ///
  /// - Throws: `unwritableFile`.
  public func writeChecked(to path: String) throws(CounterspikeError) {
    let texts = [Self.checkedKey: "sha256", Self.sumKey: Self.placeholder]
    let file = SafeTensorsFile(
      entries: entries, metadata: metadata.merging(texts) { $1 }, name: name)
    try file.write(to: path) { header, names in
      var sum = RunningChecksum()
      sum.add(header)
      for name in names { entries[name]?.add(to: &sum) }
      guard let place = Self.sumPlace(in: header[...]) else { return }
      header.replaceSubrange(place, with: Array(sum.text.utf8))
    }
  }

  /// Whether a file says that it has a checksum.
  ///
  /// - Throws: `unreadableFile`; `damagedFile` for what is no safetensors file.
  package static func hasChecksum(_ path: String) throws(CounterspikeError) -> Bool {
    let beginning = try WholeFile.beginning(of: path, count: 8)
    guard let count = LittleEndian.scalars(UInt64.self, from: beginning[...]).first,
      count <= headerLimit
    else { return false }
    let header = try WholeFile.beginning(of: path, count: 8 + Int(count))
    return sumPlace(in: header[...]) != nil
  }

  private static var placeholder: String { String(repeating: "0", count: sumCount) }

  /// Where a header's sum stands. Its key in quotes cannot stand in a text, whose quotes are escaped.
  private static func sumPlace(in header: ArraySlice<UInt8>) -> Range<Int>? {
    let key = Array("\"\(sumKey)\":\"".utf8)
    guard let place = header.firstRange(of: key), place.upperBound + sumCount <= header.endIndex
    else { return nil }
    return place.upperBound..<(place.upperBound + sumCount)
  }

  /// Compares a file with the checksum in its metadata, if it says that it has one.
  ///
  /// - Parameters:
  ///   - header: as it stands in the file, its length left out.
  ///   - data: what stands behind it.
  /// - Returns: the metadata without what is about the checksum.
  /// - Throws: `damagedFile`.
  static func checked(
    _ metadata: [String: String], header: ArraySlice<UInt8>, data: ArraySlice<UInt8>, name: String
  ) throws(CounterspikeError) -> [String: String] {
    let found = metadata[sumKey]
    guard found != nil || metadata[checkedKey] != nil else { return metadata }
    var blank = Array(header)
    var sum = RunningChecksum()
    if let place = sumPlace(in: blank[...]) {
      blank.replaceSubrange(place, with: Array(placeholder.utf8))
    }
    sum.add(LittleEndian.bytes([UInt64(header.count)]))
    sum.add(blank)
    sum.add(data)
    guard found == sum.text else {
      throw CounterspikeError(
        .damagedFile,
        "“\(name.excerpt)” was changed after it was written: its SHA-256 is no longer the one in its "
          + "metadata; use another checkpoint of the run, or a copy")
    }
    return metadata.filter { $0.key != sumKey && $0.key != checkedKey }
  }
}
