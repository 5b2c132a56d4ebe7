/// The streams of a recording in AEDAT 4, as its header describes them in XML:
///
///     <node name="0" path="/mainloop/Recorder/outInfo/0/">
///       <attr key="typeIdentifier" type="string">EVTS</attr>
///       <node name="info" path="…"><attr key="sizeX" type="int">346</attr> … </node>
///     </node>
///
/// Of the XML, elements, their attributes in double quotes and their texts are read.
struct AEDAT4Streams {
  struct Stream {
    var id: Int32
    /// Four letters: EVTS for events.
    var type = ""
    var width: Int?
    var height: Int?
  }

  /// In the order of the header.
  private(set) var all: [Stream] = []

  /// - Returns: `nil` for a text that is not such XML.
  init?(_ text: String) {
    /// The names of the nodes around.
    var names: [String] = []
    var rest = Substring(text)
    while let open = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: ">") else { return nil }
      let tag = rest[..<close]
      rest = rest[rest.index(after: close)...]
      if tag.hasPrefix("node") {
        guard names.count < 32 else { return nil }
        if !tag.hasSuffix("/") { names.append(Self.value("name", in: tag) ?? "") }
      } else if tag.hasPrefix("/node") {
        guard names.popLast() != nil else { return nil }
      } else if tag.hasPrefix("attr"), let key = Self.value("key", in: tag) {
        note(key, String(rest.prefix { $0 != "<" }), in: names)
      }
    }
    guard names.isEmpty else { return nil }
  }

  private static func value(_ name: String, in tag: Substring) -> String? {
    guard let range = tag.firstRange(of: " \(name)=\"") else { return nil }
    let rest = tag[range.upperBound...]
    return rest.firstIndex(of: "\"").map { String(rest[..<$0]) }
  }

  private mutating func note(_ key: String, _ value: String, in names: [String]) {
    let isInfo = names.last == "info"
    guard let id = (isInfo ? names.dropLast() : names[...]).last.flatMap({ Int32($0) }) else {
      return
    }
    let index = all.firstIndex { $0.id == id } ?? all.count
    if index == all.count {
      guard all.count < 1000 else { return }
      all.append(Stream(id: id))
    }
    switch (isInfo, key) {
    case (false, "typeIdentifier"): all[index].type = value
    case (true, "sizeX"): all[index].width = Int(value)
    case (true, "sizeY"): all[index].height = Int(value)
    default: break
    }
  }
}
