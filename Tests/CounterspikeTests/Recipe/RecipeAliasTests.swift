import Counterspike
import Foundation
import Testing

@Suite("Aliases in recipes")
struct RecipeAliasTests {
  /// Aliases of aliases, 2^40 items if they were written out.
  private static let bomb = (1...40).map { "x\($0): &x\($0) [*x\($0 - 1), *x\($0 - 1)]" }
    .reduce("x0: &x0 [1, 1]\n") { $0 + $1 + "\n" }

  @Test(
    "are refused at once, with their place, wherever they stand",
    arguments: [
      (bomb + "? *x40\n: 1\n", "2:10"), (bomb, "2:10"), ("? &a [1]\n: 1\n? [*a, *a]\n: 2\n", "3:4"),
      ("name: &n x\ndata: {set: *n}\n", "2:13"), ("a: &a {seed: 1}\n<<: *a\n", "2:5"),
      ("- &a 1\n- *a\n", "2:3"), ("{a: &a 1, *a : 2}", "1:11"), ("a: \"\n# \"\nb: *a\n", "3:4"),
      // Keys that only differ where a letter is changed to find aliases.
      ("a: &b 1\n? {x*b: 1, x*c: 2}\n: 1\nd: *b\n", "4:4"),
      ("a: it's # '\nb: &x 1\nc: *x\nd: '\n", "3:4"),
    ])
  func refusal(yaml: String, place: String) throws {
    let start = ContinuousClock.now
    let error = #expect(throws: CounterspikeError.self) {
      try Recipe(yaml: yaml, source: "test.yaml")
    }
    #expect(error?.code == .invalidRecipe)
    #expect(
      error?.message
        == "test.yaml:\(place): YAML aliases (*name) are not allowed in a recipe; write "
        + "the value itself")
    // What aliases can grow to takes hours; a machine under load takes its time.
    #expect(ContinuousClock.now - start < .seconds(60))
  }

  @Test("are refused in an override")
  func override() throws {
    let error = #expect(throws: CounterspikeError.self) {
      try Recipe(yaml: "seed: 1", source: "test.yaml", overrides: ["a=" + Self.bomb])
    }
    let message = try #require(error?.message)
    #expect(message.hasPrefix("override a=x0: &x0 [1, 1]\\nx1") && message.contains("aliases"))
    #expect(message.count < 300)
  }

  @Test("are looked for in every letter that a name may have")
  func everyLetter() {
    let letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
    let anchors = letters.enumerated().map { "a\($0.offset): &\($0.element) 1\n" }.joined()
    for letter in letters {
      #expect(throws: CounterspikeError.self) {
        try Recipe(yaml: anchors + "seed: *\(letter)\n", source: "test.yaml")
      }
    }
  }

  @Test("a recipe of more than 1 MiB is refused, also as a file")
  func size() throws {
    let text = "seed: 1\n# " + String(repeating: "x", count: 1 << 20)
    let error = #expect(throws: CounterspikeError.self) {
      try Recipe(yaml: text, source: "test.yaml")
    }
    #expect(error?.message.contains("larger than 1 MiB") == true)
    try withTemporaryFile(.init(text.utf8)) { path in
      let error = #expect(throws: CounterspikeError.self) { try Recipe(contentsOf: path) }
      #expect(error?.code == .unreadableFile)
      #expect(error?.message.contains("larger than 1 MiB") == true)
    }
  }

  @Test("what never ends is no recipe", arguments: ["/dev/zero", "/dev/null"])
  func device(path: String) {
    let error = #expect(throws: CounterspikeError.self) { try Recipe(contentsOf: path) }
    #expect(error?.message.contains("is no plain file") == true)
  }
}
