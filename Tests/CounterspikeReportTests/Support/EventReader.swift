import Counterspike
import Foundation

@testable import CounterspikeReport

/// Reads event files as far as the tests ask, checking every checksum.
struct EventReader {
  struct Event {
    var step = 0
    var version: String?
    var isBegin = false
    /// Tags, and the number of each scalar.
    var values: [(tag: String, scalar: Float?)] = []
  }

  private(set) var events: [Event] = []

  init(_ path: String) throws {
    let bytes = try WholeFile.bytes(of: path)
    var place = 0
    while place < bytes.count {
      let length = Self.integer(bytes[place..<place + 8])
      guard
        Self.integer(bytes[place + 8..<place + 12])
          == Int(EventRecord.maskedChecksum(Array(bytes[place..<place + 8])))
      else { throw Damage() }
      let message = Array(bytes[place + 12..<place + 12 + length])
      let end = place + 12 + length
      guard
        Self.integer(bytes[end..<end + 4]) == Int(EventRecord.maskedChecksum(message))
      else { throw Damage() }
      events.append(Self.event(message))
      place = end + 4
    }
  }

  struct Damage: Error {}

  /// The points of a tag.
  func points(_ tag: String) -> [(step: Int, value: Float)] {
    events.flatMap { event in
      event.values.filter { $0.tag == tag }.compactMap { value in
        value.scalar.map { (event.step, $0) }
      }
    }
  }

  var tags: Set<String> { Set(events.flatMap { $0.values.map(\.tag) }) }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static func event(_ message: [UInt8]) -> Event {
    var event = Event()
    for (field, value) in fields(message[...]) {
      switch field {
      case 2: event.step = integer(value)
      case 3: event.version = String(decoding: value, as: UTF8.self)
      case 7: event.isBegin = fields(value).contains { $0.field == 1 && integer($0.value) == 1 }
      case 5:
        for (_, value) in fields(value) {
          var tag = ""
          var scalar: Float?
          for (field, content) in fields(value) {
            if field == 1 { tag = String(decoding: content, as: UTF8.self) }
            if field == 2 { scalar = Float(bitPattern: UInt32(integer(content))) }
          }
          event.values.append((tag, scalar))
        }
      default: break
      }
    }
    return event
  }

  /// The fields of a message; a varint as eight bytes.
  private static func fields(_ message: ArraySlice<UInt8>) -> [(
    field: Int, value: ArraySlice<UInt8>
  )] {
    var rest = message
    func varint() -> Int {
      var value = 0
      var shift = 0
      while let byte = rest.popFirst() {
        value |= Int(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      return value
    }
    var found: [(Int, ArraySlice<UInt8>)] = []
    while !rest.isEmpty {
      let key = varint()
      let value: ArraySlice<UInt8>
      switch key & 7 {
      case 0:
        let number = varint()
        value = (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }[...]
      case 1: value = rest.prefix(8)
      case 5: value = rest.prefix(4)
      default:
        let count = varint()
        value = rest.prefix(count)
      }
      if key & 7 != 0 { rest = rest.dropFirst(value.count) }
      found.append((key >> 3, value))
    }
    return found
  }
}
