import CFuzzer

/// Feeds one reader by libFuzzer: `Fuzz READER` and libFuzzer's own arguments. Scripts/fuzz builds and
/// calls it.
@main
enum Fuzz {
  nonisolated(unsafe) private static var reader: Readers.Reader = { _, _ in }

  static func main() throws {
    var arguments = CommandLine.arguments
    guard arguments.count > 1, let reader = Readers.all[arguments[1]] else {
      for name in Readers.all.keys.sorted() { print(name) }
      return
    }
    arguments.remove(at: 1)
    self.reader = reader
    // libFuzzer keeps the arguments for as long as it runs, which is as long as the process.
    var count = Int32(arguments.count)
    let strings = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
      capacity: arguments.count + 1)
    for (index, argument) in arguments.enumerated() {
      let bytes = Array(argument.utf8CString)
      let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
      copy.initialize(from: bytes, count: bytes.count)
      strings[index] = copy
    }
    strings[arguments.count] = nil
    var all: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = strings
    _ = LLVMFuzzerRunDriver(&count, &all) { data, size in
      let bytes = Array(UnsafeBufferPointer(start: data, count: size))
      do {
        try Readers.run(Fuzz.reader, on: bytes)
      } catch {
        fatalError("\(error)")
      }
      return 0
    }
  }
}
