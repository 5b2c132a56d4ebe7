extension SafeTensorsFile {
  /// Writes the file under its name in one step, when all of it is on the disk.
  ///
  /// The same contents give the same bytes: tensors stand in the order of the reference
  /// implementation, wider types first, then by name, and the text by key. The scalars go to the
  /// file from where they are, without a copy.
  ///
  /// - Throws: `unwritableFile`.
  public func write(to path: String) throws(CounterspikeError) {
    try write(to: path) { _, _ in }
  }

  /// - Parameter complete: may change bytes of the length and header, once it knows what follows.
  func write(
    to path: String, complete: (inout [UInt8], _ names: [String]) -> Void
  ) throws(CounterspikeError) {
    let names = namesInFile()
    var header = header(of: names)
    complete(&header, names)
    guard header.count <= 8 + Self.headerLimit else {
      throw CounterspikeError(
        .unwritableFile,
        """
        cannot write “\(path.excerpt)”: its header would have \(header.count - 8) bytes, above the allowed \
        \(Self.headerLimit); write fewer tensors or less text
        """)
    }
    try AtomicFile.write(to: path) { (file) throws(CounterspikeError) in
      try file.append(header.span)
      for name in names { try entries[name]?.append(to: file) }
    }
  }

  /// The bytes of the file, as `write(to:)` writes them.
  public func encoded() -> [UInt8] {
    let names = namesInFile()
    var bytes = header(of: names)
    for name in names { bytes += entries[name]?.bytes ?? [] }
    return bytes
  }

  private func namesInFile() -> [String] {
    var rank: [ScalarType: Int] = [:]
    for (index, type) in ScalarType.allCases.reversed().enumerated() { rank[type] = index }
    let ranked = entries.map { (rank: rank[$0.value.type] ?? 0, name: $0.key) }
    return ranked.sorted {
      $0.rank == $1.rank ? Self.precedes($0.name, $1.name) : $0.rank < $1.rank
    }
    .map(\.name)
  }

  /// The length and the header, padded by spaces so that the tensors begin at a multiple of 8.
  private func header(of names: [String]) -> [UInt8] {
    var members: [JSONLine.Member] = []
    if !metadata.isEmpty {
      let text = metadata.sorted { Self.precedes($0.key, $1.key) }
      let lines = JSONLine(text.map { JSONLine.Member($0.key, .string($0.value)) })
      members.append(JSONLine.Member(Self.metadataKey, .object(lines)))
    }
    var offset = 0
    for name in names {
      guard let entry = entries[name] else { continue }
      let end = offset + entry.byteCount
      let description: JSONLine = [
        "dtype": .string(entry.type.rawValue),
        "shape": .array(entry.shape.map { .integer($0) }),
        "data_offsets": .array([.integer(offset), .integer(end)]),
      ]
      members.append(JSONLine.Member(name, .object(description)))
      offset = end
    }
    var header = JSONLine(members).encoded()
    header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
    return LittleEndian.bytes([UInt64(header.count)]) + header
  }
}
