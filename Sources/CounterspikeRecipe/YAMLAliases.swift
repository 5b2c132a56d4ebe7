internal import Yams

extension String {
  /// Line and column of the first alias (`*name`) of this YAML, if there is one before anything that is no YAML.
  ///
  /// A few lines of aliases of aliases stand for 2⁴⁰ items, and Yams hashes all of them where they are a
  /// key. So Yams must not see an alias that it can resolve. Here, the names behind all asterisks are
  /// changed to names that no anchor has; the parser then says which of them is an alias, and not part of
  /// a comment, a quotation or a plain text.
  ///
  /// - Complexity: O(length).
  var firstAlias: String? {
    let bytes = Array(utf8)
    let named = bytes.letters(behind: UInt8(ascii: "*"))
    if named.isEmpty { return nil }
    let anchored = bytes.letters(behind: UInt8(ascii: "&"))
    let free = Set((UInt8.min...UInt8.max).filter(\.isOfAnchorName)).subtracting(anchored)
    let taken = named.intersection(anchored)
    let substitutes = free.subtracting(named)
    guard taken.count <= substitutes.count else { return "1:1" }
    // One to one and of the same length: different keys stay different, and no key gets too long.
    let names = Dictionary(uniqueKeysWithValues: zip(taken.sorted(), substitutes.sorted()))
    var changed = bytes
    for place in bytes.indices.dropFirst() where bytes[place - 1] == UInt8(ascii: "*") {
      changed[place] = names[bytes[place]] ?? bytes[place]
    }
    do {
      _ = try Parser(yaml: String(decoding: changed, as: UTF8.self), encoding: .utf8).singleRoot()
      return nil
    } catch YamlError.composer(_, let problem, let mark, _)
      where problem.contains("undefined alias")
    {
      return "\(mark)"
    } catch {
      return nil
    }
  }
}

extension [UInt8] {
  /// The letters that stand behind a sign and can begin the name of an anchor.
  fileprivate func letters(behind sign: UInt8) -> Set<UInt8> {
    Set(zip(self, dropFirst()).lazy.filter { $0 == sign && $1.isOfAnchorName }.map(\.1))
  }
}

extension UInt8 {
  /// Whether a name of an anchor or alias may have this letter.
  fileprivate var isOfAnchorName: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}
