internal import Counterspike
internal import CounterspikeFormats

/// Events as a NumPy array, `.npy`: a structured array with the fields t, x, y and p, in any order and
/// beside any others, or a plain one of shape `[events, 4]` with the columns t, x, y, p.
///
/// Numbers of any type are read if they are whole. Times are microseconds, y counts from the top, a
/// polarity is 1 or true (ON), 0, −1 or false (OFF).
enum NumPyEventFile {
  /// - Parameters:
  ///   - sensor: `nil`: the smallest that holds all events.
  ///   - order: of the columns of a plain array.
  ///   - microseconds: of the unit of time.
  /// - Throws: `damagedFile`.
  static func read(
    _ bytes: [UInt8], path: String, sensor: SensorSize?,
    order: [EventColumn] = EventColumn.usualOrder, microseconds: Int64 = 1
  ) throws(CounterspikeError) -> EventStream {
    let header = try NumPyHeader(bytes, path: path)
    let count = try eventCount(header, bytes, path)
    let columns = try columns(header, bytes, count, path, order)
    return try events(columns, path: path, sensor: sensor, microseconds: microseconds)
  }

  /// Reads events from columns of one length.
  ///
  /// - Throws: `damagedFile`.
  static func events(
    _ columns: [Column], path: String, sensor: SensorSize?, microseconds: Int64 = 1
  ) throws(CounterspikeError) -> EventStream {
    let count = columns[0].count
    var events = EventCollector(path: path, sensor: sensor, capacity: count)
    for index in 0..<count {
      var row = EventRow()
      for column in columns {
        let offset = column.offset + index * column.stride
        guard let value = column.type.integer(column.bytes, at: offset) else {
          throw .damagedEvents(
            path, at: offset,
            "\(column.kind.text) of event \(index) is \(column.type.number(column.bytes, at: offset)), no whole "
              + "number of 64 bits",
            "times must be whole microseconds, multiply seconds by 10⁶; x, y and p must be whole numbers"
          )
        }
        row[column.kind] = value
      }
      let offset = columns[0].offset + index * columns[0].stride
      guard let isOn = row.isOn else {
        throw .damagedEvents(
          path, at: offset, "the polarity of event \(index) is \(row.polarity)",
          "it must be 1 (ON), 0 or -1 (OFF); let the columns be t, x, y, p, or name them")
      }
      let (time, isBeyond) = row.time.multipliedReportingOverflow(by: microseconds)
      try events.append(
        time: isBeyond ? .max : time, x: row.x, y: row.y, isOn: isOn, at: offset)
    }
    return events.stream()
  }

  /// One number of each event.
  struct Column {
    let kind: EventColumn
    let type: NumPyType
    /// Of the file, or of the array in an archive.
    let bytes: [UInt8]
    /// Where the first event's number stands, and how far apart those of two events are, in bytes.
    let offset: Int
    let stride: Int
    /// The number of events, for which `bytes` has room.
    let count: Int
  }

  /// The number of events, for which the file has the bytes.
  private static func eventCount(
    _ header: NumPyHeader, _ bytes: [UInt8], _ path: String
  ) throws(CounterspikeError) -> Int {
    let isPlain = !header.isStructured && header.shape.count == 2 && header.shape[1] == 4
    // An axis of length 1 divides nothing.
    let axes = header.shape.filter { $0 != 1 }
    guard isPlain || header.isStructured && axes.count <= 1 && !header.shape.isEmpty else {
      throw .damagedEvents(
        path, at: 8,
        "the array's shape is \(header.shape) of \(header.fields.count) fields, where [events, 4] "
          + "or [events] with fields \(EventColumn.names) are expected", "reshape and save it again"
      )
    }
    let count = isPlain ? header.shape[0] : axes.first ?? 1
    let rowSize = header.recordSize * (isPlain ? 4 : 1)
    let (size, isTooLarge) = count.multipliedReportingOverflow(by: rowSize)
    guard !isTooLarge, bytes.count - header.end == size else {
      throw .damagedEvents(
        path, at: header.end,
        "\(bytes.count - header.end) bytes follow the header, which says \(count) events of "
          + "\(rowSize) bytes", "the file is truncated or too long: save the array again")
    }
    return count
  }

  private static func columns(
    _ header: NumPyHeader, _ bytes: [UInt8], _ count: Int, _ path: String, _ order: [EventColumn]
  ) throws(CounterspikeError) -> [Column] {
    guard header.isStructured else {
      let type = header.fields[0].type
      guard type.isNumber else {
        throw .damagedEvents(
          path, at: 10, "the array is not one of numbers",
          "save numbers, or name the columns as fields"
        )
      }
      return order.enumerated().map { place, kind in
        Column(
          kind: kind, type: type, bytes: bytes,
          offset: header.end + place * (header.isFortranOrder ? count : 1) * type.size,
          stride: (header.isFortranOrder ? 1 : 4) * type.size, count: count)
      }
    }
    let columns = header.fields.compactMap { field -> Column? in
      guard field.type.kind != .other, field.count == 1, let kind = EventColumn(named: field.name)
      else { return nil }
      return Column(
        kind: kind, type: field.type, bytes: bytes, offset: header.end + field.offset,
        stride: header.recordSize, count: count)
    }
    guard columns.count == 4, Set(columns.map(\.kind)).count == 4 else {
      throw .damagedEvents(
        path, at: 10,
        "the fields are \(header.fields.map(\.name).joined(separator: ", ").excerptOfFile), where "
          + "\(EventColumn.names) are expected, each once", "rename and save the array again")
    }
    return columns
  }
}
