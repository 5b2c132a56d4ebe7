#if Archives
  import Counterspike
  import CounterspikeData
  import Foundation
  import Testing

  @Suite("Events in NumPy's archives")
  struct NumPyArchiveTests {
    @Test("are read as numpy wrote them", arguments: ["stored", "deflated", "records"])
    func reading(name: String) throws {
      let stream = try EventStream(contentsOf: RealData.fixture("numpy/\(name).npz"))
      #expect(stream.times == (0..<200).map { 137 * Int64($0) })
      #expect(stream.x == (0..<200).map { UInt16($0 * 37 % 34) })
      #expect(stream.y == (0..<200).map { UInt16($0 * $0 % 26) })
      #expect(stream.polarities == (0..<200).map { $0 % 3 == 0 })
    }

    static func column(_ values: [Int64], shape: String) -> [UInt8] {
      EventFiles.numPy("'<i8'", shape: shape, values.flatMap { EventFiles.little($0, 8) })
    }

    @Test("are refused where arrays lack, are twice, or have other lengths and shapes")
    func damage() throws {
      let two = Self.column([1, 0], shape: "(2,)")
      let three = Self.column([1, 0, 1], shape: "(3, 1)")
      let four = Self.column([1, 0, 1, 0], shape: "(2, 2)")
      for (members, text) in [
        ([("t.npy", two), ("x.npy", two), ("y.npy", two)], "the arrays are t, x, y, where "),
        (
          [("t.npy", two), ("ts.npy", two), ("x.npy", two), ("y.npy", two), ("p.npy", two)],
          "each once"
        ),
        (
          [("t.npy", two), ("x.npy", two), ("y.npy", two), ("p.npy", three)],
          "the arrays have different lengths: t has 2, x has 2, y has 2, p has 3"
        ),
        (
          [("t.npy", two), ("x.npy", two), ("y.npy", two), ("p.npy", four)],
          "file: p”, byte 8: the array's shape is [2, 2]"
        ),
        (
          [("t.npy", [1, 2, 3]), ("x.npy", two), ("y.npy", two), ("p.npy", two)],
          "file: t”, byte 0: "
        ),
        ([("t.npy", two), ("t.npy", two)], "have “t.npy” twice"),
      ] as [([(String, [UInt8])], String)] {
        let error = #expect(throws: CounterspikeError.self) {
          try EventFileTests.read(Archives.zip(members), .numPyArchive)
        }
        #expect(error?.code == .damagedFile)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
      }
      var bytes = Archives.zip([("t.npy", two), ("x.npy", two), ("y.npy", two), ("p.npy", two)])
      bytes[120] ^= 1
      #expect(throws: CounterspikeError.self) { try EventFileTests.read(bytes, .numPyArchive) }
    }
  }
#endif
