import Counterspike
import Foundation
import Testing

@Suite("Built-in recipes")
struct BuiltInRecipeTests {
  @Test("are all files of the folder Recipes")
  func names() throws {
    let folder = packageRoot.appendingPathComponent("Recipes")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(files) == Set(Recipe.builtInNames.map { $0 + ".yaml" }))
    #expect(Recipe.builtInNames.first == "fashion-mnist")
  }

  @Test("are the same as their files", arguments: Recipe.builtInNames)
  func content(name: String) throws {
    let file = packageRoot.appendingPathComponent("Recipes/\(name).yaml")
    #expect(try Recipe.named(name) == Recipe(contentsOf: file.path))
    #expect(try Recipe.named(name, overrides: ["seed=9"]).seed == 9)
  }

  @Test("have JSON that holds every setting", arguments: Recipe.builtInNames)
  func json(name: String) throws {
    let recipe = try Recipe.named(name)
    let text = Data(recipe.json.description.utf8)
    let root = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    for (path, value) in recipe.settings {
      var node: Any? = root
      for key in path.split(separator: ".") { node = (node as? [String: Any])?[String(key)] }
      switch node {
      case is NSNull: #expect(value == "null", "\(path)")
      case let text as String: #expect(value == text || value == "\"\(text)\"", "\(path)")
      case let number as NSNumber where value != "true" && value != "false":
        #expect(Float(value) == number.floatValue, "\(path)")
      default: #expect(node != nil, "\(path)")
      }
    }
  }

  @Test("a name that is none is answered with the nearest one")
  func unknown() {
    let error = #expect(throws: CounterspikeError.self) { try Recipe.named("minst") }
    #expect(error?.code == .unreadableFile)
    #expect(error?.message.contains("there is no recipe “minst”; did you mean mnist?") == true)
  }
}
