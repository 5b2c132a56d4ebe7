import Counterspike
import CounterspikeData
import Testing

@Suite("Tables in text")
struct CSVTableTests {
  static func table(_ text: String) throws -> CSVTable {
    try CSVTable(Array(text.utf8), path: "the/file.csv")
  }

  @Test(
    "are read whatever divides numbers and lines",
    arguments: [
      "1.5,-2\n3,4e1\n", "\u{FEFF}1.5,-2\n3,4e1\n", "x;y\n1,5;-2\n3;4e1\n", "1.5\t-2\r\n3\t4e1",
      "1.5 -2\r3   4e1\r", "# a comment, with commas\n\n1.5 , -2\n3,4e1\n", "\"1.5\",\"-2\"\n3,40",
      "\"a, b\",c\n1.5,-2\n3,4e1", "acc 1,acc 2\n1.5,-2\n3,40", "1,5 -2\n3 40", "1,5\t-2\n3\t40\n",
      ".15e1;-2,0\n+3;0040", "  1.5 -2\n  3 40  \n",
    ])
  func forms(text: String) throws {
    let table = try Self.table(text)
    #expect(table.columns == 2 && table.rows == 2)
    #expect(table.values == [1.5, -2, 3, 40])
  }

  @Test("have names where there is a heading")
  func names() throws {
    #expect(try Self.table("x;\"y; z\"\n1;2\n").names == ["x", "y; z"])
    #expect(try Self.table("1;2\n").names == nil)
  }

  @Test(
    "are refused by line and column, with what is true",
    arguments: [
      ("1,2\n3\n", "byte 4: line 2: there is 1 column, and 2 in the lines before"),
      ("x;y;z\n1,5;2,5\n", "line 2: there are 2 columns, and 3 in the heading"),
      ("x,y\n1,5,2,5\n", "line 2: there are 4 columns, and 2 in the heading"),
      ("1,2\n3,x\n", "byte 6: line 2, column 2: “x” is no number"),
      ("1,2\n,4\n", "line 2, column 1: there is no number"),
      ("1,2,\n3,4,\n", "line 1, column 3: there is no number"),
      ("1,2\n3,nan\n", "line 2, column 2: “nan” is no finite number"),
      ("1,2\n3,1e39\n", "line 2, column 2: “1e39” is beyond numbers of 32 bits"),
      ("1.234,5;2\n", "line 1, column 1: “1.234,5” is no number"),
      ("1,0x1p3\n", "line 1, column 2: “0x1p3” is no number"),
      ("1,\"2\n3,4\n", "byte 2: line 1 has a quotation mark that is not closed"),
      ("a,b\n", "the file has a heading and no numbers"), ("", "the file is empty"),
      ("# nothing\n", "the file has no line of numbers"),
    ])
  func damage(text: String, message: String) {
    let error = #expect(throws: CounterspikeError.self) { try Self.table(text) }
    #expect(error?.code == .damagedFile)
    #expect(error?.message.hasPrefix("“the/file.csv”, byte ") == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("in other encodings are refused by name")
  func encodings() {
    for (bytes, name) in [
      ([0xFF, 0xFE, 49, 0, 10, 0], "UTF-16"), ([0xFE, 0xFF, 0, 49], "UTF-16"),
      ([0xFF, 0xFE, 0, 0, 49, 0, 0, 0], "UTF-32"), ([49, 0, 10, 0], "byte of zero"),
    ] as [([UInt8], String)] {
      let error = #expect(throws: CounterspikeError.self) { try CSVTable(bytes, path: "x.csv") }
      #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
    }
  }

  @Test("are told from events by their heading or their first line")
  func recognition() throws {
    for (text, isSeries) in [
      ("t,x,y,p\n1,2,3,1\n", false), ("1,2,3,1\n", false), ("# t x y p\n1 2 3 0\n", false),
      ("t_ns;x;y;p\n", false), ("1,2,3\n", true), ("a,b,c,d\n1,2,3,1\n", true),
      ("1,2,3,4\n", true), ("0.5,1.5,2,1\n", true), ("1\n", true),
    ] {
      #expect(
        try CSVTable.isLikely(Array(text.utf8), path: "x.csv") == isSeries, "\(text)")
    }
  }
}
