extension SafeTensorsFile {
  /// The types of number in a safetensors file, by the format's names, in the order of the
  /// reference implementation, which is also the reverse order of the arrays in a file.
  public enum ScalarType: String, Sendable, CaseIterable {
    case bool = "BOOL"
    case uint8 = "U8"
    case int8 = "I8"
    case float8E5M2 = "F8_E5M2"
    case float8E4M3 = "F8_E4M3"
    case int16 = "I16"
    case uint16 = "U16"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case int32 = "I32"
    case uint32 = "U32"
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case uint64 = "U64"

    /// Bytes per number.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8, .float8E5M2, .float8E4M3: 1
      case .int16, .uint16, .float16, .bfloat16: 2
      case .int32, .uint32, .float32: 4
      case .float64, .int64, .uint64: 8
      }
    }
  }

  /// An array in a safetensors file: type, shape and bytes.
  public struct Entry: Sendable {
    public let type: ScalarType

    /// The length of every axis, row-major; empty for a single number.
    public let shape: [Int]

    private let payload: Payload

    /// Bytes as they are in the file, often a part of the whole file's; or the scalars themselves,
    /// so that weights need no copy in order to be written; or what gives them when they are asked for,
    /// so that those of all entries need not exist at the same time.
    private enum Payload: Sendable {
      case bytes(ArraySlice<UInt8>)
      case floats([Float])
      case made(@Sendable () -> [Float])
    }

    /// An array of little-endian numbers of any type.
    ///
    /// - Precondition: there are as many bytes as `shape` and `type` take.
    public init(type: ScalarType, shape: [Int], bytes: [UInt8]) {
      Self.check(bytes.count / type.size, fits: shape)
      precondition(
        bytes.count % type.size == 0,
        "\(bytes.count) bytes are no whole number of \(type.rawValue)")
      self.init(type: type, shape: shape, fileBytes: bytes[...])
    }

    /// An array of numbers of type F32.
    public init(_ tensor: Tensor) {
      type = .float32
      shape = tensor.shape
      payload = .floats(tensor.scalars)
    }

    /// An array of numbers of type F32 that are made whenever they are asked for.
    ///
    /// - Parameter floats: gives as many numbers as the product of `shape`.
    package init(shape: [Int], floats: @escaping @Sendable () -> [Float]) {
      type = .float32
      self.shape = shape
      payload = .made(floats)
    }

    /// An array of integers of type I8 … U64.
    ///
    /// - Precondition: there are as many integers as the product of `shape`.
    public init<Integer: SafeTensorsInteger>(_ integers: [Integer], shape: [Int]) {
      Self.check(integers.count, fits: shape)
      self.init(
        type: Integer.scalarType, shape: shape, fileBytes: LittleEndian.bytes(integers)[...])
    }

    /// For the reader, which has compared the sizes already.
    init(type: ScalarType, shape: [Int], fileBytes: ArraySlice<UInt8>) {
      self.type = type
      self.shape = shape
      payload = .bytes(fileBytes)
    }

    private static func check(_ count: Int, fits shape: [Int]) {
      let product = Tensor.count(of: shape)
      precondition(
        count == product,
        "\(count) numbers for the shape \(shape), which takes \(product.map(String.init) ?? "-")")
    }

    /// The little-endian numbers, row-major.
    public var bytes: [UInt8] {
      switch payload {
      case .bytes(let bytes): Array(bytes)
      case .floats(let floats): LittleEndian.bytes(floats)
      case .made(let make): LittleEndian.bytes(make())
      }
    }

    /// The number of `bytes`.
    public var byteCount: Int {
      switch payload {
      case .bytes(let bytes): bytes.count
      case .floats(let floats): floats.count * MemoryLayout<Float>.size
      case .made: (Tensor.count(of: shape) ?? 0) * MemoryLayout<Float>.size
      }
    }

    /// Writes the bytes to a file.
    func append(to file: borrowing AtomicFile) throws(CounterspikeError) {
      switch payload {
      case .bytes(let bytes): try file.append(bytes.span)
      case .floats(let floats): try file.append(floats.span)
      case .made(let make):
        let floats = make()
        Self.check(floats.count, fits: shape)
        try file.append(floats.span)
      }
    }

    /// Adds the bytes to a checksum, in portions: a large tensor's floats and all their bytes never exist at
    /// the same time.
    func add(to sum: inout RunningChecksum) {
      switch payload {
      case .bytes(let bytes): sum.add(bytes)
      case .floats(let floats): Self.add(floats, to: &sum)
      case .made(let make): Self.add(make(), to: &sum)
      }
    }

    private static func add(_ floats: [Float], to sum: inout RunningChecksum) {
      let portion = 1 << 18
      for begin in stride(from: 0, to: floats.count, by: portion) {
        let end = min(begin + portion, floats.count)
        sum.add(LittleEndian.bytes(Array(floats[begin..<end])))
      }
    }

    /// The numbers, row-major, if they are F32, F64 (rounded to the nearest), F16 or BF16.
    public func floats() -> [Float]? {
      let bytes: ArraySlice<UInt8>
      switch payload {
      case .floats(let floats): return floats
      case .made(let make): return make()
      case .bytes(let read): bytes = read
      }
      switch type {
      case .float32:
        return LittleEndian.scalars(Float.self, from: bytes)
      case .float64:
        return LittleEndian.scalars(Double.self, from: bytes).map { Float($0) }
      case .float16:
        return LittleEndian.scalars(UInt16.self, from: bytes).map { Self.float(half: $0) }
      case .bfloat16:
        return LittleEndian.scalars(UInt16.self, from: bytes).map {
          Float(bitPattern: UInt32($0) << 16)
        }
      default:
        return nil
      }
    }

    /// The numbers, row-major, if they are integers of any type, each of them an `Int`.
    public func integers() -> [Int]? {
      guard case .bytes(let bytes) = payload else { return nil }
      switch type {
      case .int8: return LittleEndian.scalars(Int8.self, from: bytes).map { Int($0) }
      case .uint8: return LittleEndian.scalars(UInt8.self, from: bytes).map { Int($0) }
      case .int16: return LittleEndian.scalars(Int16.self, from: bytes).map { Int($0) }
      case .uint16: return LittleEndian.scalars(UInt16.self, from: bytes).map { Int($0) }
      case .int32: return LittleEndian.scalars(Int32.self, from: bytes).map { Int($0) }
      case .uint32: return LittleEndian.scalars(UInt32.self, from: bytes).map { Int($0) }
      case .int64: return LittleEndian.scalars(Int64.self, from: bytes).map { Int($0) }
      case .uint64:
        let integers = LittleEndian.scalars(UInt64.self, from: bytes)
        return integers.allSatisfy { $0 <= Int.max } ? integers.map { Int($0) } : nil
      default: return nil
      }
    }

    /// The value of an IEEE 754 half, written out because not every Mac has `Float16`.
    private static func float(half: UInt16) -> Float {
      let sign = UInt32(half & 0x8000) << 16
      let magnitude = UInt32(half & 0x7FFF) << 13
      // All ones in the exponent: infinity or not a number, in the wider exponent too.
      if half & 0x7C00 == 0x7C00 { return Float(bitPattern: sign | magnitude | 0x7F80_0000) }
      // 2^112 is the difference of the exponents' biases; halves' subnormals become exact, too.
      let scaled = Float(bitPattern: magnitude) * Float(bitPattern: (112 + 127) << 23)
      return Float(bitPattern: sign | scaled.bitPattern)
    }
  }
}

extension SafeTensorsFile.Entry: Equatable {
  /// Same type, shape and bytes: not-a-numbers of the same bytes are equal.
  public static func == (left: Self, right: Self) -> Bool {
    left.type == right.type && left.shape == right.shape && left.bytes == right.bytes
  }
}

/// The integers that a safetensors file can hold.
public protocol SafeTensorsInteger: FixedWidthInteger, BitwiseCopyable {
  /// The format's name for the type.
  static var scalarType: SafeTensorsFile.ScalarType { get }
}

extension Int8: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .int8 }
}
extension UInt8: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .uint8 }
}
extension Int16: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .int16 }
}
extension UInt16: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .uint16 }
}
extension Int32: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .int32 }
}
extension UInt32: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .uint32 }
}
extension Int64: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .int64 }
}
extension UInt64: SafeTensorsInteger {
  public static var scalarType: SafeTensorsFile.ScalarType { .uint64 }
}
