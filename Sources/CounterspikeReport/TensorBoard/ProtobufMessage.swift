/// A message in the wire format of protocol buffers, for writing only.
///
/// A field is a varint of its number and kind, then its value: a varint, four or eight bytes with the
/// lowest first, or a length and as many bytes. Fields of value 0 are written as well where they are
/// given, which readers accept.
///
/// - Note: https://protobuf.dev/programming-guides/encoding/
struct ProtobufMessage: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []

  private enum Kind: UInt64 {
    case varint = 0
    case eightBytes = 1
    case counted = 2
    case fourBytes = 5
  }

  private mutating func key(_ field: Int, _ kind: Kind) {
    varint(UInt64(field) << 3 | kind.rawValue)
  }

  /// Seven bits a byte, the lowest first; the top bit says that more follow.
  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// An `int32`, `int64` or enum.
  mutating func add(_ field: Int, integer value: Int) {
    key(field, .varint)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, double value: Double) {
    key(field, .eightBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: Int, float value: Float) {
    key(field, .fourBytes)
    bytes.append(littleEndian: value.bitPattern)
  }

  mutating func add(_ field: Int, bytes value: [UInt8]) {
    key(field, .counted)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, text value: String) {
    add(field, bytes: Array(value.utf8))
  }

  mutating func add(_ field: Int, _ message: ProtobufMessage) {
    add(field, bytes: message.bytes)
  }

  /// Repeated doubles, packed.
  mutating func add(_ field: Int, doubles values: [Double]) {
    var packed: [UInt8] = []
    packed.reserveCapacity(8 * values.count)
    for value in values { packed.append(littleEndian: value.bitPattern) }
    add(field, bytes: packed)
  }

  /// A message whose fields `body` adds.
  init(_ body: (inout ProtobufMessage) -> Void = { _ in }) {
    body(&self)
  }
}

extension [UInt8] {
  /// Adds an integer's bytes, the lowest first.
  mutating func append<Number: FixedWidthInteger>(littleEndian value: Number) {
    for byte in 0..<(Number.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: value >> (8 * byte)))
    }
  }
}
