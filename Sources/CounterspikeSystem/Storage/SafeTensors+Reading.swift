extension SafeTensorsFile {
  /// Reads a safetensors file, refusing whatever its header does not account for.
  ///
  /// The checks are the reference implementation's: the tensors' bytes follow each other from the
  /// end of the header to the end of the file without gap or overlap, each as many as its shape
  /// and type take. Refused beyond those are what the format's description forbids or what could
  /// mean two things: a header that does not begin with `{`, a name that appears twice, and types
  /// of less than a byte or of two parts (F4, F6, C64 and the newer eight-bit ones).
  ///
  /// - Throws: `unreadableFile`; `damagedFile` naming the offset or the tensor.
  /// - Complexity: O(size of the file), which stays in memory, once, as long as an entry does.
  public init(contentsOf path: String) throws(CounterspikeError) {
    let file = try SystemFile.reading(path)
    let size = try file.size()
    let headerCount = try Self.headerCount(try file.read(8)[...], fileSize: size, name: path)
    let header = try file.read(headerCount)
    let layout = try Layout(header[...], dataCount: size - 8 - headerCount, name: path)
    try self.init(
      layout, header: header[...], data: try file.read(layout.dataCount)[...], name: path)
  }

  /// The metadata of a safetensors file, whose header is checked as by ``init(contentsOf:)`` and whose
  /// tensors are not read.
  ///
  /// - Throws: `unreadableFile`; `damagedFile` naming the offset or the tensor.
  package static func metadata(of path: String) throws(CounterspikeError) -> [String: String] {
    let file = try SystemFile.reading(path)
    let size = try file.size()
    let headerCount = try Self.headerCount(try file.read(8)[...], fileSize: size, name: path)
    let header = try file.read(headerCount)
    let layout = try Layout(header[...], dataCount: size - 8 - headerCount, name: path)
    return layout.metadata
  }

  /// Reads the bytes of a safetensors file; errors call it `name`.
  ///
  /// - Throws: `damagedFile` naming the offset or the tensor.
  public init(bytes: [UInt8], name: String) throws(CounterspikeError) {
    let headerCount = try Self.headerCount(bytes.prefix(8), fileSize: bytes.count, name: name)
    let data = bytes.dropFirst(8 + headerCount)
    let header = bytes[8..<data.startIndex]
    try self.init(
      try Layout(header, dataCount: data.count, name: name), header: header, data: data, name: name)
  }

  private init(
    _ layout: Layout, header: ArraySlice<UInt8>, data: ArraySlice<UInt8>, name: String
  ) throws(CounterspikeError) {
    guard data.count == layout.dataCount else {
      throw Self.damaged(name, "it became shorter while it was read")
    }
    var entries: [String: Entry] = [:]
    for part in layout.parts {
      let start = data.startIndex + part.offsets.lowerBound
      entries[part.name] = Entry(
        type: part.type, shape: part.shape, fileBytes: data[start..<start + part.offsets.count])
    }
    let metadata = try Self.checked(layout.metadata, header: header, data: data, name: name)
    self.init(entries: entries, metadata: metadata, name: name)
  }

  private static func headerCount(
    _ bytes: ArraySlice<UInt8>, fileSize: Int, name: String
  ) throws(CounterspikeError) -> Int {
    guard let count = LittleEndian.scalars(UInt64.self, from: bytes).first else {
      throw damaged(name, "it has \(fileSize) bytes, fewer than the 8 of the header's length")
    }
    guard count <= headerLimit else {
      throw damaged(name, "the header's length, \(count), is above the allowed \(headerLimit)")
    }
    guard count <= fileSize - 8 else {
      throw damaged(name, "the header of \(count) bytes ends behind the file of \(fileSize)")
    }
    return Int(count)
  }

  fileprivate static func damaged(
    _ name: String, _ what: String, remedy: String = "download, copy or save it again"
  ) -> CounterspikeError {
    CounterspikeError(
      .damagedFile, "“\(name.excerpt)” is no safetensors file that can be read: \(what); \(remedy)")
  }
}

/// What a header says, checked against the number of bytes behind it.
private struct Layout {
  struct Part {
    var name: String
    var type: SafeTensorsFile.ScalarType
    var shape: [Int]
    /// The bytes' place behind the header.
    var offsets: Range<Int>
  }

  private(set) var metadata: [String: String] = [:]
  /// In the order of their bytes.
  private(set) var parts: [Part] = []
  let dataCount: Int

  private let name: String

  init(
    _ header: ArraySlice<UInt8>, dataCount: Int, name: String
  ) throws(CounterspikeError) {
    self.dataCount = dataCount
    self.name = name
    let object: JSONLine
    do {
      object = try JSONParser.object(header)
    } catch {
      throw SafeTensorsFile.damaged(
        name, "at byte \(8 + error.offset), in the header, \(error.reason)")
    }
    for member in object.members {
      if member.key == SafeTensorsFile.metadataKey {
        metadata = try text(member.value)
      } else {
        parts.append(try part(member))
      }
    }
    parts.sort { left, right in
      (left.offsets.lowerBound, left.offsets.upperBound)
        < (right.offsets.lowerBound, right.offsets.upperBound)
    }
    try checkPlaces()
  }

  /// The bytes of the tensors follow each other and end with the file.
  private func checkPlaces() throws(CounterspikeError) {
    var end = 0
    for part in parts {
      guard part.offsets.lowerBound == end else {
        let what = part.offsets.lowerBound < end ? "overlap" : "leave a gap behind"
        throw damaged(
          part.name,
          "its bytes, \(part.offsets), \(what) the tensor before, which ends at \(end)")
      }
      end = part.offsets.upperBound
    }
    guard end == dataCount else {
      throw SafeTensorsFile.damaged(
        name,
        "its tensors take \(end) bytes, and \(dataCount) follow the header")
    }
  }

  /// `null` counts as no text, as it does for the reference implementation.
  private func text(_ value: JSONLine.Value) throws(CounterspikeError) -> [String: String] {
    if value == .null { return [:] }
    guard case .object(let object) = value else {
      throw damaged(SafeTensorsFile.metadataKey, "it is no object")
    }
    var text: [String: String] = [:]
    for member in object.members {
      guard let value = member.value.stringValue else {
        throw damaged(
          SafeTensorsFile.metadataKey, "the value of “\(member.key.excerpt)” is no text")
      }
      text[member.key] = value
    }
    return text
  }

  private func part(_ member: JSONLine.Member) throws(CounterspikeError) -> Part {
    guard case .object(let object) = member.value else {
      throw damaged(member.key, "its description is no object")
    }
    guard let typeName = object["dtype"]?.stringValue else {
      throw damaged(member.key, "it has no dtype, or one that is no text")
    }
    guard let type = SafeTensorsFile.ScalarType(rawValue: typeName) else {
      let known = SafeTensorsFile.ScalarType.allCases.map(\.rawValue).joined(separator: ", ")
      throw damaged(
        member.key, "its dtype “\(typeName.excerpt)” is none of the known ones",
        remedy: "download, copy or save it again, with one of \(known)")
    }
    let shape = try integers("shape", of: member.key, in: object)
    let offsets = try integers("data_offsets", of: member.key, in: object)
    guard offsets.count == 2, offsets[0] <= offsets[1] else {
      throw damaged(member.key, "its data_offsets, \(offsets), are no beginning and end")
    }
    let count = Tensor.count(of: shape)?.multipliedReportingOverflow(by: type.size)
    guard let count, !count.overflow else {
      throw damaged(member.key, "its shape, \(shape), has more numbers than can be counted")
    }
    guard offsets[1] - offsets[0] == count.partialValue else {
      throw damaged(
        member.key,
        """
        its data_offsets, \(offsets), span \(offsets[1] - offsets[0]) bytes, and its shape \
        \(shape) of \(typeName) takes \(count.partialValue)
        """)
    }
    return Part(name: member.key, type: type, shape: shape, offsets: offsets[0]..<offsets[1])
  }

  private func integers(
    _ key: String, of tensor: String, in object: JSONLine
  ) throws(CounterspikeError) -> [Int] {
    guard case .array(let values) = object[key] else {
      throw damaged(tensor, "it has no \(key), or one that is no array")
    }
    var integers: [Int] = []
    for value in values {
      guard let integer = value.integerValue, integer >= 0 else {
        throw damaged(tensor, "its \(key) has a number that is no integer of 0 … \(Int.max)")
      }
      integers.append(integer)
    }
    return integers
  }

  private func damaged(
    _ tensor: String, _ what: String, remedy: String = "download, copy or save it again"
  ) -> CounterspikeError {
    SafeTensorsFile.damaged(name, "in the header, of “\(tensor.excerpt)”: \(what)", remedy: remedy)
  }
}
