/// Numbers with a name a row, on a page or a terminal.
package struct PageTable {
  package struct Cell {
    package let text: String
    /// What the row is sorted by; `nil`: nothing was measured.
    package let value: Double?

    /// A number as `format` writes it; a dash for none.
    package init(_ value: Double?, _ format: (Double) -> String) {
      guard let value, value.isFinite else {
        (text, self.value) = ("–", nil)
        return
      }
      (text, self.value) = (format(value), value)
    }

    /// Of what cannot be measured.
    package static let none = Cell("–", value: nil)

    package init(_ text: String, value: Double?) {
      self.text = text
      self.value = value
    }
  }

  package let title: String
  /// Of the first column, and of the others.
  package let columns: [String]
  package let rows: [(name: String, cells: [Cell])]

  package init(title: String, columns: [String], rows: [(name: String, cells: [Cell])]) {
    self.title = title
    self.columns = columns
    self.rows = rows
  }

  /// The table as a terminal shows it.
  package func lines(width: Int) -> [String] {
    TextTable(rows: [columns] + rows.map { [$0.name] + $0.cells.map(\.text) }).lines(width: width)
  }

  /// The table as a page shows it, in a box of its own that scrolls; a script sorts it.
  package var html: String {
    let heads = columns.map {
      "<th scope=\"col\" aria-sort=\"none\"><button type=\"button\" disabled=\"\">\($0.escaped)"
        + "</button></th>"
    }
    let body = rows.map { row in
      let cells = row.cells.map { cell in
        let value = cell.value.map { " data-value=\"\($0)\"" } ?? ""
        return "<td\(value)>\(cell.text.escaped)</td>"
      }
      let mark = row.name.hasSuffix(" *") ? " class=\"own\"" : ""
      return "<tr\(mark)><th scope=\"row\">\(row.name.escaped)</th>\(cells.joined())</tr>"
    }
    return """
      <div class="wide" role="region" aria-label="\(title.escaped)" tabindex="0">
      <table><caption>\(title.escaped)</caption>
      <thead><tr>\(heads.joined())</tr></thead>
      <tbody>
      \(body.joined(separator: "\n"))
      </tbody></table></div>
      """
  }
}
