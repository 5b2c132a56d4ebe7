internal import Counterspike
internal import CounterspikeFormats

/// Events as a NumPy archive, `.npz`: arrays t, x, y and p of one length, or one array of events as in a
/// `.npy`. Arrays of other names are passed over.
enum NumPyEventArchive {
  /// - Parameter sensor: `nil`: the smallest that holds all events.
  /// - Throws: `damagedFile`; `missingLibrary` in a build without libarchive.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?
  ) throws(CounterspikeError) -> EventStream {
    let members = try NumPyArray.members(of: bytes, path: path)
    let named = members.compactMap { member in
      EventColumn(named: member.name).map { (column: $0, array: member) }
    }
    if named.isEmpty, members.count == 1 {
      return try NumPyEventFile.read(members[0].bytes, path: members[0].path, sensor: sensor)
    }
    guard named.count == 4, Set(named.map(\.column)).count == 4 else {
      throw .damagedEvents(
        path, at: 0,
        "the arrays are \(members.map(\.name).joined(separator: ", ").excerptOfFile), where "
          + "\(EventColumn.names) are expected, each once", "rename and save the arrays again")
    }
    var columns: [NumPyEventFile.Column] = []
    for (kind, member) in named {
      let array = try NumPyArray(member.bytes, path: member.path)
      guard array.shape.filter({ $0 != 1 }).count <= 1, array.type.kind != .other else {
        throw .damagedEvents(
          member.path, at: 8,
          "the array's shape is \(array.shape), where one of numbers, [events], is expected",
          "reshape and save it again")
      }
      columns.append(
        NumPyEventFile.Column(
          kind: kind, type: array.type, bytes: member.bytes, offset: array.start,
          stride: array.type.size, count: array.count))
    }
    guard Set(columns.map(\.count)).count == 1 else {
      let lengths = zip(named, columns).map { "\($0.array.name) has \($1.count)" }
      throw .damagedEvents(
        path, at: 0, "the arrays have different lengths: \(lengths.joined(separator: ", "))",
        "save arrays of one length again")
    }
    return try NumPyEventFile.events(columns, path: path, sensor: sensor)
  }
}
