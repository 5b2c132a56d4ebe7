import Counterspike
import CounterspikeData
import Testing

@Suite("Events in text")
struct CSVEventFileTests {
  static func read(_ text: String) throws -> EventStream {
    try EventFormat.csv.read(Array(text.utf8), path: "the/file.csv")
  }

  @Test(
    "are read whatever divides them and names their columns",
    arguments: [
      "\u{FEFF}t,x,y,p\n5,1,2,1\n70,3,4,0\n", "t;x;y;p\r\n5;1;2;1\r\n70;3;4;-1\r\n",
      "# t x y p\n5 1 2 1\r70 3 4 0", "p\ty\tx\ttimestamp [us]\n1\t2\t1\t5\n0\t4\t3\t70\n",
      "\"t\",\"x\",\"y\",\"p\"\n\"5\",\"1\",\"2\",\"1\"\n70,3,4,0", "5.0,1,2,1\n7.0e+01,3,4,0\n",
      "t_ns,x,y,p\n5999,1,2,1\n70000,3,4,0\n", "t_s x y p\n0.000005 1 2 1\n7e-5 3 4 0\n",
      "Time (s);x;y;p\n0,000005;1;2;1\n0,00007;3;4;0\n", "# t_ms, x, y, p\n0.005,1,2,1\n0.07,3,4,0",
      "timestamp [ns],x [px],y [px],polarity\n5000,1,2,1\n70000,3,4,0\n",
    ])
  func forms(text: String) throws {
    let stream = try Self.read(text)
    #expect(stream.times == [5, 70] && stream.x == [1, 3] && stream.y == [2, 4])
    #expect(stream.polarities == [true, false])
  }

  @Test("of nanoseconds since 1970 fit")
  func nanoseconds() throws {
    let stream = try Self.read("t_ns,x,y,p\n1764320000123456789,1,2,1\n1764320000123457001,1,2,0\n")
    #expect(stream.times == [1_764_320_000_123_456, 1_764_320_000_123_457])
    #expect(try Self.read("t_ns,x,y,p\n-1,1,2,1\n").times == [-1])
  }

  @Test(
    "are refused with what is true",
    arguments: [
      (
        "1.5,2,3,1\n", "byte 0: line 1, column 1: the time “1.5” is no whole number of microseconds"
      ),
      (
        "1,2,3,1\n99999999999999999999,2,3,1\n",
        "byte 8: line 2, column 1: “99999999999999999999” is beyond numbers of 64 bits"
      ),
      ("1,2,nan,1\n", "byte 4: line 1, column 3: “nan” is no finite number"),
      ("1,2,,1\n", "line 1, column 3: there is no number"),
      ("1,2.5,3,1\n", "line 1, column 2: “2.5” is no whole number"),
      ("1,2,3,1\n1,2,3\n", "byte 8: line 2: there are 3 columns, where 4 are expected"),
      ("a,b,c,d\n", "line 1: the names “a b c d” are others than t"),
      ("t_min,x,y,p\n", "line 1: the names “t_min x y p” are others"),
      ("1,2,3,2\n", "line 1: the polarity is 2"),
    ])
  func damage(text: String, message: String) {
    let error = #expect(throws: CounterspikeError.self) { try Self.read(text) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
