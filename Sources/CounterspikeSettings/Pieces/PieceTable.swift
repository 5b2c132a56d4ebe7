package import CounterspikeSystem
internal import Synchronization

/// The losses or rules that a program has registered. They are fixed once anything is looked up, so that
/// every recipe, message and worker sees the same ones.
package final class PieceTable<Piece: Sendable>: Sendable {
  package struct Entry: Sendable {
    package let name: String
    /// A short phrase.
    package let summary: String
    package let settings: [PieceSetting]
    package let piece: Piece

    package func values(_ named: [String: Double]) -> PieceValues { PieceValues(settings, named) }
  }

  /// What is registered, such as “loss”.
  package let kind: String
  private let state = Mutex<(entries: [Entry], isFixed: Bool)>(([], false))

  package init(kind: String) { self.kind = kind }

  /// All of them in the order of their names; from now on there will be no others.
  package var entries: [Entry] {
    state.withLock {
      $0.isFixed = true
      return $0.entries
    }
  }

  /// The names of the settings of all that are registered so far; others may follow.
  package var settingNames: [String] {
    state.withLock { $0.entries.flatMap { $0.settings.map(\.name) } }
  }

  package subscript(name: String) -> Entry? { entries.first { $0.name == name } }

  /// Why an unknown name may be one of another program.
  package var remark: String {
    let names = entries.map(\.name)
    return "; a \(kind) of another program must be registered by this one, and "
      + (names.isEmpty ? "none is" : "registered are \(names.joined(separator: ", "))")
  }

  /// The names of all settings, each once, and of the pieces that have them.
  package var owners: [(setting: String, pieces: [String])] {
    let entries = entries
    return Set(entries.flatMap(\.settings).map(\.name)).sorted().map { name in
      (name, entries.filter { $0.settings.contains { $0.name == name } }.map(\.name))
    }
  }

  /// The names of the pieces that have a setting of this name.
  package func owners(of setting: String) -> [String] {
    owners.first { $0.setting == setting }?.pieces ?? []
  }

  /// Adds a piece.
  ///
  /// - Parameters:
  ///   - builtIn: names that are taken.
  ///   - keys: keys that the recipe's section has already.
  /// - Throws: `invalidRecipe` for a name or setting that is not allowed or is taken, and once a recipe has been
  ///   read.
  package func register(
    _ entry: Entry, builtIn: [String], keys: [String]
  ) throws(CounterspikeError) {
    let quoted = "the \(kind) “\(entry.name.excerpt)”"
    func refused(_ what: String) -> CounterspikeError { CounterspikeError(.invalidRecipe, what) }
    guard Self.isName(entry.name) else {
      throw refused(
        "\(quoted) has a name that no recipe can hold; use 1 to 60 letters and digits, a lower-case "
          + "letter first")
    }
    guard !builtIn.contains(entry.name) else {
      throw refused("\(quoted) is a built-in one; register yours by another name")
    }
    var names: Set<String> = []
    for setting in entry.settings {
      let name = "\(quoted) has a setting “\(setting.name.excerpt)”"
      guard Self.isName(setting.name) else {
        throw refused(
          "\(name), which no recipe can hold; use 1 to 60 letters and digits, a lower-case letter first"
        )
      }
      guard !keys.contains(setting.name) else {
        throw refused("\(name), which is a key of the recipe already; give it another name")
      }
      guard names.insert(setting.name).inserted else {
        throw refused("\(name) twice; keep one of them")
      }
      guard setting.range.contains(setting.defaultValue) else {
        throw refused(
          "\(name) whose default \(setting.defaultValue) is not allowed itself; give one from "
            + "\(setting.range.lowerBound) to \(setting.range.upperBound)")
      }
    }
    let problem: String? = state.withLock { state in
      if state.isFixed {
        return "\(quoted) comes too late; register it before the first recipe is read"
      }
      if state.entries.contains(where: { $0.name == entry.name }) {
        return "\(quoted) is registered already; register yours by another name"
      }
      let place = state.entries.firstIndex { $0.name > entry.name } ?? state.entries.count
      state.entries.insert(entry, at: place)
      return nil
    }
    if let problem { throw refused(problem) }
  }

  private static func isName(_ name: String) -> Bool {
    name.utf8.count <= 60 && name.wholeMatch(of: #/[a-z][A-Za-z0-9]*/#) != nil
  }

  /// Without the values that are as the piece's defaults, and those that a recipe names for other pieces.
  package func differing(_ named: [String: Double], of name: String) -> [String: Double] {
    guard let entry = self[name] else { return named }
    return named.filter { name, value in
      entry.settings.contains { $0.name == name && $0.defaultValue != value }
    }
  }
}
