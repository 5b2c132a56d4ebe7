package import Counterspike

/// What the headings of several tables say of their columns, which are matched by their place.
package struct SeriesHeadings {
  /// The names of the first table that has a heading.
  package private(set) var names: [String]?
  private var path: String
  /// How many tables name their columns otherwise.
  private var others = 0

  package init(_ table: CSVTable, path: String) {
    names = table.names
    self.path = path
  }

  /// - Throws: `damagedFile` for a table with the same columns in another order.
  package mutating func add(_ table: CSVTable, path: String) throws(CounterspikeError) {
    guard let found = table.names else { return }
    guard let names else {
      self.names = found
      self.path = path
      return
    }
    guard found != names else { return }
    guard found.sorted() != names.sorted() else {
      throw CounterspikeError(
        .damagedFile,
        "“\(path.excerpt)” has the columns \(found.excerpt), and “\(self.path.excerpt)” has "
          + "\(names.excerpt); bring them into one order")
    }
    others += 1
  }

  /// What a user should know of them.
  package var remark: String? {
    guard others > 0 else { return nil }
    return "\(others) \(others == 1 ? "table names" : "tables name") the columns otherwise than "
      + "“\(path.excerpt)”; columns are matched by their place"
  }
}
