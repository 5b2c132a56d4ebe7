import Counterspike
import Foundation
import Testing

@Suite("safetensors files")
struct SafeTensorsTests {
  // MARK: Round trips

  @Test("read what they wrote, by file and by bytes")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("last.safetensors")
    let file = SafeTensorsFile(entries: Self.mixed, metadata: ["epoch": "3", "né \"\\\n": ""])
    try file.write(to: path)
    #expect(try bytes(of: path) == file.encoded())
    for again in [
      try SafeTensorsFile(contentsOf: path),
      try SafeTensorsFile(bytes: file.encoded(), name: "bytes"),
    ] {
      #expect(again.entries == file.entries)
      #expect(again.metadata == file.metadata)
      #expect(again.encoded() == file.encoded())
      #expect(try again.tensor("weight") == Tensor(shape: [2, 1, 2], scalars: [1, -2, 0.5, 8]))
      #expect(try again.floats("scalar") == [3])
      #expect(try again.integers("labels") == [-1, Int(Int32.max)])
      #expect(try again.integers("seed") == [Int.max])
      #expect(try again.integers("bytes") == [255, 0, 1])
      #expect(try again.tensor("none") == Tensor(zeros: [0, 4]))
    }
    #expect(try folder.names == ["last.safetensors"])
  }

  static let mixed: [String: SafeTensorsFile.Entry] = [
    "weight": .init(Tensor(shape: [2, 1, 2], scalars: [1, -2, 0.5, 8])),
    "scalar": .init(Tensor(shape: [], scalars: [3])),
    "none": .init(Tensor(zeros: [0, 4])),
    "labels": .init([-1, Int32.max], shape: [2]),
    "seed": .init([UInt64(Int.max)], shape: [1]),
    "bytes": .init([255, 0, 1] as [UInt8], shape: [3]),
  ]

  @Test("write the bytes of the reference implementation")
  func knownBytes() {
    let file = SafeTensorsFile(tensors: ["attn0": Tensor(shape: [1, 2], scalars: [0, 1])])
    let header = #"{"attn0":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}"#
    let padding = String(repeating: " ", count: 64 - header.utf8.count)
    let bytes: [UInt8] = [64, 0, 0, 0, 0, 0, 0, 0] + Array((header + padding).utf8)
    #expect(file.encoded() == bytes + [0, 0, 0, 0, 0, 0, 0x80, 0x3F])
    let empty: [UInt8] = [8, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8)
    #expect(SafeTensorsFile(tensors: [:]).encoded() == empty)
  }

  @Test("put wider types first, then names by their bytes, and text by key")
  func order() {
    var entries: [String: SafeTensorsFile.Entry] = [:]
    for type in SafeTensorsFile.ScalarType.allCases {
      for name in ["b", "Z", "é"] {
        entries[name + type.rawValue] = .init(type: type, shape: [0], bytes: [])
      }
    }
    let bytes = SafeTensorsFile(entries: entries, metadata: ["b": "", "a": "", "B": ""]).encoded()
    let text = String(decoding: bytes.dropFirst(8), as: UTF8.self)
    #expect(text.hasPrefix(#"{"__metadata__":{"B":"","a":"","b":""},"#))
    let names = text.matches(of: #/"([^"]+)":{"dtype"/#).map { String($0.1) }
    let types = [
      "U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "F8_E4M3", "F8_E5M2",
      "I8", "U8", "BOOL",
    ]
    #expect(names == types.flatMap { ["Z" + $0, "b" + $0, "é" + $0] })
  }

  // MARK: Types

  @Test(
    "read floating-point numbers of every type",
    arguments: [
      ("F32", [0, 0, 0xC0, 0x3F, 1, 0, 0, 0], [1.5, .leastNonzeroMagnitude]),
      ("F64", [0, 0, 0, 0, 0, 0, 0xF8, 0xBF], [-1.5]),
      (
        "F16", [0, 0x3E, 0, 0x80, 1, 0, 0xFF, 0x7B, 0, 0xFC, 0xFF, 0x03],
        [1.5, -0.0, 0x1p-24, 65504, -.infinity, 0x3FFp-24]
      ),
      ("BF16", [0xC0, 0x3F, 0x80, 0xFF, 1, 0], [1.5, -.infinity, 0x1p-133]),
    ] as [(String, [UInt8], [Float])])
  func floats(type: String, bytes: [UInt8], values: [Float]) throws {
    let type = try #require(SafeTensorsFile.ScalarType(rawValue: type))
    let entry = SafeTensorsFile.Entry(type: type, shape: [values.count], bytes: bytes)
    #expect(entry.floats()?.map(\.bitPattern) == values.map(\.bitPattern))
    #expect(entry.integers() == nil)
  }

  @Test("keep not-a-numbers of half precision", arguments: [0x7E00, 0xFC01] as [UInt16])
  func notANumber(half: UInt16) {
    let bytes = [UInt8(half & 0xFF), UInt8(half >> 8)]
    let entry = SafeTensorsFile.Entry(type: .float16, shape: [1], bytes: bytes)
    #expect(entry.floats()?.first?.isNaN == true)
  }

  @Test(
    "read integers of every type",
    arguments: [
      ("I8", [0x80], -128), ("U8", [0x80], 128), ("I16", [0, 0x80], -32768),
      ("U16", [0, 0x80], 32768), ("I32", [0, 0, 0, 0x80], -0x8000_0000),
      ("U32", [0, 0, 0, 0x80], 0x8000_0000), ("I64", [0, 0, 0, 0, 0, 0, 0, 0x80], Int.min),
      ("U64", [1, 0, 0, 0, 0, 0, 0, 0], 1), ("U64", [0, 0, 0, 0, 0, 0, 0, 0x80], nil),
      ("BOOL", [1], nil), ("F8_E4M3", [1], nil), ("F8_E5M2", [1], nil),
    ] as [(String, [UInt8], Int?)])
  func integers(type: String, bytes: [UInt8], value: Int?) throws {
    let type = try #require(SafeTensorsFile.ScalarType(rawValue: type))
    let entry = SafeTensorsFile.Entry(type: type, shape: [], bytes: bytes)
    #expect(entry.integers() == value.map { [$0] })
    #expect(entry.floats() == nil)
  }

  @Test("say what they have when a tensor is missing or of another type")
  func mismatch() throws {
    let file = try SafeTensorsFile(
      bytes: SafeTensorsFile(entries: Self.mixed).encoded(), name: "best.safetensors")
    let missing = #expect(throws: CounterspikeError.self) { try file.tensor("Weight") }
    #expect(missing?.code == .mismatch)
    let names = "“best.safetensors” has no tensor “Weight”; it has bytes, labels, none, scalar"
    #expect(missing?.message.hasPrefix(names) == true)
    let floats = #expect(throws: CounterspikeError.self) { try file.floats("labels") }
    #expect(floats?.code == .mismatch && floats?.message.contains("“labels”") == true)
    let integers = #expect(throws: CounterspikeError.self) { try file.integers("weight") }
    #expect(integers?.code == .mismatch && integers?.message.contains("F32") == true)
  }

  @Test("stop on bytes that do not fill a shape, and on the reserved name")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      _ = SafeTensorsFile.Entry(type: .float32, shape: [2], bytes: [0, 0, 0, 0])
    }
    await #expect(processExitsWith: .failure) {
      _ = SafeTensorsFile.Entry(type: .float32, shape: [1], bytes: [0, 0, 0, 0, 0])
    }
    await #expect(processExitsWith: .failure) {
      _ = SafeTensorsFile(tensors: ["__metadata__": Tensor(zeros: [1])])
    }
  }

  // MARK: Golden files

  @Test(
    "read the golden files of the kernels",
    arguments: [(5, 5, 2, 512), (10, 5, 3, 384), (30, 8, 4, 256), (100, 20, 5, 64)])
  func goldenKernels(steps: Int, membrane: Int, synapse: Int, neurons: Int) throws {
    let file = try golden("na_kernel_T\(steps)_tm\(membrane)_ts\(synapse)")
    #expect(
      file.metadata == [
        "T": "\(steps)", "tau_m": "\(membrane)", "tau_s": "\(synapse)", "threshold": "1.0",
      ])
    let names = [
      "current", "grad_output", "membrane", "spikes", "psc", "error_filtered",
      "loss_difference_exact", "loss_difference_paper", "delta_reference_code",
      "delta_exact_inverse_distance", "delta_tsslbp", "delta_stbp_sigmoid_a0.2",
    ]
    #expect(Set(file.entries.keys) == Set(names))
    for name in names {
      let tensor = try file.tensor(name)
      #expect(tensor.shape == [neurons, steps], "\(name)")
      #expect(tensor.scalars.allSatisfy { $0.isFinite }, "\(name)")
    }
    #expect(Set(try file.floats("spikes")) == [0, 1])
  }

  @Test("read the golden file of the network")
  func goldenNetwork() throws {
    let file = try golden("na_network_T5")
    #expect(file.metadata["network"] == "6C5-P2-8C5-P2-32-10")
    var shapes = [
      "input": [4, 1, 28, 28], "labels": [4], "psc.conv_1": [5, 4, 6, 24, 24],
      "psc.pooling_1": [5, 4, 6, 12, 12], "psc.conv_2": [5, 4, 8, 8, 8],
      "psc.pooling_2": [5, 4, 8, 4, 4], "psc.FC_1": [5, 4, 32, 1, 1],
      "psc.output": [5, 4, 10, 1, 1], "loss.target_once": [1], "loss.target_twice": [1],
    ]
    let weights = [
      "conv_1": [6, 1, 5, 5], "conv_2": [8, 6, 5, 5], "FC_1": [32, 128], "output": [10, 32],
    ]
    for (layer, shape) in weights {
      shapes["weight.\(layer)"] = shape
      for error in ["paper", "exact"] {
        for target in ["target_once", "target_twice"] {
          shapes["grad.\(error).\(target).\(layer)"] = shape
        }
      }
    }
    #expect(file.entries.mapValues(\.shape) == shapes)
    #expect(try file.integers("labels").allSatisfy { (0..<10).contains($0) })
  }

  private func golden(_ name: String) throws -> SafeTensorsFile {
    let url = Bundle.module.url(
      forResource: name, withExtension: "safetensors", subdirectory: "Golden")
    return try SafeTensorsFile(contentsOf: try #require(url).path)
  }
}
