/// How an event file frames its messages: length, checksum of the length, message, checksum of the
/// message; all numbers with the lowest byte first.
///
/// - Note: The format is TFRecord, https://www.tensorflow.org/tutorials/load_data/tfrecord.
enum EventRecord {
  static func framed(_ message: [UInt8]) -> [UInt8] {
    var record: [UInt8] = []
    record.reserveCapacity(message.count + 16)
    record.append(littleEndian: UInt64(message.count))
    record.append(littleEndian: maskedChecksum(record))
    record += message
    record.append(littleEndian: maskedChecksum(message))
    return record
  }

  /// A checksum that may itself be part of data whose checksum is taken.
  static func maskedChecksum(_ bytes: [UInt8]) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  /// CRC-32C: Castagnoli's polynomial, bits reversed, begun and ended with all ones.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum = UInt32.max
    for byte in bytes { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8 }
    return ~sum
  }

  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 0 ? sum >> 1 : sum >> 1 ^ 0x82F6_3B78 }
  }
}
