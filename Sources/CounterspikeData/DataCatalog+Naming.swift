public import Counterspike
public import CounterspikeCatalog

extension DataCatalog {
  /// The data set called `name`.
  ///
  /// - Throws: `invalidRecipe`, with the known names and the nearest of them.
  public static func entry(named name: String) throws(CounterspikeError) -> Entry {
    if let entry = entries.first(where: { $0.name == name }) { return entry }
    let known = names + DataRegistry.names
    let hint = name.nearest(in: known).map { "; did you mean \($0)?" } ?? ""
    throw CounterspikeError(
      .invalidRecipe,
      "data.set is “\(name.excerpt)”, which is no known data set; known are "
        + known.joined(separator: ", ") + hint)
  }
}
