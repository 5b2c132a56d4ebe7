import Counterspike
import Testing

@testable import CounterspikeRecipe
@testable import CounterspikeSettings
@testable import CounterspikeSystem

@Suite("Registered losses and rules")
struct PieceTableTests {
  private func register(
    _ name: String, _ settings: [PieceSetting] = [], in table: PieceTable<Int>
  ) throws(CounterspikeError) {
    try table.register(
      .init(name: name, summary: "", settings: settings, piece: 1), builtIn: ["kernel"],
      keys: ["kind", "weight"])
  }

  @Test(
    "are refused with what to do",
    arguments: [
      ("", [], "has a name that no recipe can hold; use 1 to 60 letters and digits"),
      ("Mine", [], "“Mine” has a name that no recipe can hold"),
      ("kernel", [], "the loss “kernel” is a built-in one; register yours by another name"),
      ("taken", [], "the loss “taken” is registered already; register yours by another name"),
      ("a", [PieceSetting("x y", default: 1, "")], "a setting “x y”, which no recipe can hold"),
      ("a", [PieceSetting("weight", default: 1, "")], "which is a key of the recipe already"),
      (
        "a", [PieceSetting("x", default: 1, ""), PieceSetting("x", default: 1, "")],
        "has a setting “x” twice"
      ),
      ("a", [PieceSetting("x", default: 3, in: 0...2, "")], "give one from 0.0 to 2.0"),
    ] as [(String, [PieceSetting], String)])
  func refused(name: String, settings: [PieceSetting], part: String) throws {
    let table = PieceTable<Int>(kind: "loss")
    try register("taken", in: table)
    let error = #expect(throws: CounterspikeError.self) {
      try register(name, settings, in: table)
    }
    #expect(error?.code == .invalidRecipe)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    #expect(table.entries.map(\.name) == ["taken"])
  }

  @Test("are in the order of their names, and fixed once they are looked up")
  func fixed() throws {
    let table = PieceTable<Int>(kind: "rule")
    for name in ["b", "c", "a"] { try register(name, in: table) }
    #expect(table.entries.map(\.name) == ["a", "b", "c"])
    let error = #expect(throws: CounterspikeError.self) { try register("d", in: table) }
    #expect(
      error?.message == "the rule “d” comes too late; register it before the first recipe is read")
  }

  @Test("have settings within a range, and say which there are")
  func settings() throws {
    let table = PieceTable<Int>(kind: "loss")
    try register("a", [PieceSetting("x", default: 1, in: 0...2, "")], in: table)
    func problem(_ name: String, _ settings: [String: Double]) -> String? {
      table.problem(name, settings, key: "kind", at: .root + "loss")?.message
    }
    #expect(problem("a", ["x": 2]) == nil)
    #expect(problem("a", ["x": 3])?.contains("“loss.x” is 3.0; allowed: number from 0.0") == true)
    #expect(problem("a", ["y": 3])?.contains("means nothing for the loss a; known: x") == true)
    #expect(problem("b", [:])?.hasSuffix("registered by this program; registered: a") == true)
    #expect(table.differing(["x": 1, "y": 5], of: "a").isEmpty)
    #expect(table["a"]?.values(["x": 0.5])["x"] == 0.5)
    #expect(table["a"]?.values([:])["x"] == 1)
  }

  @Test("may have no setting named as a key of the recipe")
  func reserved() {
    #expect(LossRegistry.reservedKeys == LossSection.builtInKeys.map(\.entry.name))
    #expect(RuleRegistry.reservedKeys == GradientSettings.builtInKeys.map(\.entry.name))
  }

  @Test("that are not registered are refused where a program names them")
  func unregistered() {
    var recipe = Recipe()
    recipe.loss = LossSettings(.registered(RegisteredPiece(loss: "none")))
    #expect(throws: CounterspikeError.self) { try recipe.validate() }
    recipe = Recipe()
    recipe.gradient = .registered("none")
    let error = #expect(throws: CounterspikeError.self) { try recipe.validate() }
    #expect(
      error?.message
        == "“gradient.rule” is none, which is neither built in nor registered by this program; no rule is "
        + "registered")
  }
}
