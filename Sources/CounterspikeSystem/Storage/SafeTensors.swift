/// The contents of a safetensors file: named arrays of numbers, and a few lines of text.
///
/// The format is an 8-byte little-endian length, a header of that length in JSON, and the arrays'
/// bytes one after another. Weights, checkpoints and golden values are kept in it; PyTorch, NumPy
/// and JAX read it through the `safetensors` package.
///
/// - Note: https://github.com/huggingface/safetensors, section Format.
public struct SafeTensorsFile: Sendable {
  /// Text by key, the header's `__metadata__`.
  public let metadata: [String: String]

  /// The arrays by name.
  public let entries: [String: Entry]

  /// What errors call the file.
  let name: String

  /// Contents that can be written.
  ///
  /// - Precondition: no entry is named `__metadata__`, which the format reserves.
  public init(entries: [String: Entry], metadata: [String: String] = [:]) {
    precondition(entries[Self.metadataKey] == nil, "a tensor cannot be named \(Self.metadataKey)")
    self.init(entries: entries, metadata: metadata, name: "new file")
  }

  /// Contents that can be written, all of type F32.
  ///
  /// - Precondition: no tensor is named `__metadata__`, which the format reserves.
  public init(tensors: [String: Tensor], metadata: [String: String] = [:]) {
    self.init(entries: tensors.mapValues { Entry($0) }, metadata: metadata)
  }

  init(entries: [String: Entry], metadata: [String: String], name: String) {
    self.entries = entries
    self.metadata = metadata
    self.name = name
  }

  static let metadataKey = "__metadata__"
  /// The length beyond which the reference implementation refuses a header.
  static let headerLimit = 100_000_000

  // MARK: Arrays by name

  /// The array named `name`.
  ///
  /// - Throws: `mismatch` naming the file and what it has instead.
  public func entry(_ name: String) throws(CounterspikeError) -> Entry {
    if let entry = entries[name] { return entry }
    let names = entries.keys.sorted(by: Self.precedes)
    let rest = names.count > 8 ? " and \(names.count - 8) more" : ""
    throw CounterspikeError(
      .mismatch,
      """
      “\(self.name.excerpt)” has no tensor “\(name.excerpt)”; it has \
      \(names.isEmpty ? "none" : names.prefix(8).map(\.excerpt).joined(separator: ", "))\(rest): check that it \
      belongs to this network and this version
      """)
  }

  /// The array named `name`, of any floating-point type of 16 bits or more.
  ///
  /// - Throws: `mismatch` when there is no such array, or one of another type.
  public func tensor(_ name: String) throws(CounterspikeError) -> Tensor {
    Tensor(shape: try entry(name).shape, scalars: try floats(name))
  }

  /// The scalars of the array named `name`, of any floating-point type of 16 bits or more.
  ///
  /// - Throws: `mismatch` when there is no such array, or one of another type.
  public func floats(_ name: String) throws(CounterspikeError) -> [Float] {
    let entry = try entry(name)
    guard let floats = entry.floats() else {
      throw mismatch(name, entry, "not F32, F64, F16 or BF16")
    }
    return floats
  }

  /// The scalars of the array named `name`, of any integer type.
  ///
  /// - Throws: `mismatch` when there is no such array, one of another type, or one with a number
  ///   that is no `Int`.
  public func integers(_ name: String) throws(CounterspikeError) -> [Int] {
    let entry = try entry(name)
    guard let integers = entry.integers() else {
      throw mismatch(name, entry, "not integers of at most 63 bits and a sign")
    }
    return integers
  }

  /// A tensor of finite numbers.
  ///
  /// - Parameters:
  ///   - mismatch: what has another shape, and what to do.
  ///   - remedy: what to do where a value is no finite number.
  /// - Throws: `mismatch` for another shape; `damagedFile` where there is no such tensor, or a value that is
  ///   infinite or no number.
  package func tensor(
    _ name: String, _ shape: [Int], mismatch: String, remedy: String
  ) throws(CounterspikeError) -> Tensor {
    let tensor = try tensor(name)
    guard tensor.shape == shape else {
      throw CounterspikeError(
        .mismatch,
        "“\(name.excerpt)” in “\(self.name.excerpt)” has shape \(tensor.shape), and \(mismatch)")
    }
    guard tensor.scalars.allSatisfy(\.isFinite) else {
      throw CounterspikeError(
        .damagedFile,
        "“\(name.excerpt)” in “\(self.name.excerpt)” has values that are infinite or no numbers; \(remedy)"
      )
    }
    return tensor
  }

  private func mismatch(_ name: String, _ entry: Entry, _ what: String) -> CounterspikeError {
    CounterspikeError(
      .mismatch,
      """
      the tensor “\(name.excerpt)” in “\(self.name.excerpt)” holds numbers of type \(entry.type.rawValue), \(what); \
      convert it
      """)
  }

  /// The order of names in a file: by their bytes, as everywhere outside of Swift.
  static func precedes(_ name: String, _ other: String) -> Bool {
    name.utf8.lexicographicallyPrecedes(other.utf8)
  }
}
