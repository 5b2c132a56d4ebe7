// Makes the small samples in this folder: `swift Examples/make.swift`. The same bytes every time.
import Foundation

let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

func write(_ bytes: [UInt8], to name: String) throws {
  let file = folder.appendingPathComponent(name)
  try FileManager.default.createDirectory(
    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
  try Data(bytes).write(to: file)
}

/// Numbers that look random, the same ones every time (a linear congruential generator, constants by
/// Knuth).
struct Numbers {
  var state: UInt64
  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }
}

// MARK: PNG

extension UInt32 {
  var bigEndianBytes: [UInt8] {
    (0..<4).reversed().map { UInt8(truncatingIfNeeded: self >> (8 * UInt32($0))) }
  }
}

func crc(_ bytes: [UInt8]) -> UInt32 {
  var crc = UInt32.max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xEDB8_8320 : 0) }
  }
  return ~crc
}

/// A grey PNG, its pixels stored without compression.
func png(_ pixels: [UInt8], width: Int) -> [UInt8] {
  func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + data
    return UInt32(data.count).bigEndianBytes + body + crc(body).bigEndianBytes
  }
  let height = pixels.count / width
  let raw = (0..<height).flatMap { [0] + pixels[($0 * width)..<(($0 + 1) * width)] }
  var (a, b) = (UInt32(1), UInt32(0))
  for byte in raw {
    a = (a + UInt32(byte)) % 65521
    b = (b + a) % 65521
  }
  let count = UInt16(raw.count)
  let stored: [UInt8] =
    [0x78, 0x01, 1, UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8)]
    + raw
    + (b << 16 | a).bigEndianBytes
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    + chunk("IHDR", UInt32(width).bigEndianBytes + UInt32(height).bigEndianBytes + [8, 0, 0, 0, 0])
    + chunk("IDAT", stored) + chunk("IEND", [])
}

// MARK: Images of three classes

let side = 32
var numbers = Numbers(state: 1)
for (part, count) in [("train", 6), ("test", 2)] {
  for kind in ["cross", "disk", "stripes"] {
    for number in 1...count {
      let (x0, y0) = (12 + numbers.next(below: 8), 12 + numbers.next(below: 8))
      let phase = numbers.next(below: 8)
      let pixels = (0..<(side * side)).map { place -> UInt8 in
        let (x, y) = (place % side, place / side)
        let isOn =
          switch kind {
          case "cross": abs(x - x0) < 3 || abs(y - y0) < 3
          case "disk": (x - x0) * (x - x0) + (y - y0) * (y - y0) <= 80
          default: (x + phase) / 4 % 2 == 0
          }
        return UInt8((isOn ? 190 : 10) + numbers.next(below: 50))
      }
      try write(png(pixels, width: side), to: "my-images/\(part)/\(kind)/\(number).png")
    }
  }
}

// MARK: A recording: a bar that moves to the right, ON before it and OFF behind it

var lines = ["# t in microseconds, x, y, polarity", "t,x,y,p"]
for step in 0..<28 {
  for y in 4..<28 {
    let time = step * 3000 + y * 40 + numbers.next(below: 30)
    lines.append("\(time),\(step + 4),\(y),1")
    if step > 0 { lines.append("\(time + 10),\(step + 1),\(y),0") }
  }
}
try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "recording.csv")

// MARK: Time series of two classes on two channels

for (part, count) in [("train", 6), ("test", 2)] {
  for (kind, sign) in [("falling", -1.0), ("rising", 1.0)] {
    for number in 1...count {
      let phase = Double(numbers.next(below: 100)) / 50
      let rows = (0..<40).map { step in
        let slope = sign * (Double(step) / 40 - 0.5)
        let wave = sin(Double(step) / 4 + phase) / 4
        let noise = Double(numbers.next(below: 100)) / 1000
        return String(format: "%.3f,%.3f", slope + wave, -slope + noise)
      }
      try write(
        Array((["a,b"] + rows).joined(separator: "\n").utf8) + [10],
        to: "my-series/\(part)/\(kind)/\(number).csv")
    }
  }
}
