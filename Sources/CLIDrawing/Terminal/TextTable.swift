/// Columns of text; the first is left-aligned, the others right-aligned.
///
/// A table that is wider than the terminal is divided: the columns that do not fit follow below, behind
/// the first column again.
package struct TextTable {
  package var rows: [[String]]

  package init(rows: [[String]]) { self.rows = rows }

  package var lines: [String] { lines(width: Console.width) }

  /// - Parameter width: the most characters of a line, unless two columns need more.
  package func lines(width: Int) -> [String] {
    let widths = (0..<(rows.map(\.count).max() ?? 0)).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let blocks = Self.blocks(widths, width: width)
    return blocks.enumerated().flatMap { number, columns in
      (number == 0 ? [] : [""]) + rows.compactMap { line(of: $0, columns, widths, in: number) }
    }
  }

  /// The columns of each part of the table.
  private static func blocks(_ widths: [Int], width: Int) -> [[Int]] {
    guard let first = widths.first else { return [[]] }
    var blocks: [[Int]] = [[0]]
    var used = first
    for column in widths.indices.dropFirst() {
      if used + 2 + widths[column] > width, blocks[blocks.count - 1].count > 1 {
        blocks.append([0])
        used = first
      }
      blocks[blocks.count - 1].append(column)
      used += 2 + widths[column]
    }
    return blocks
  }

  /// `nil`: a row that has none of the columns of a later part.
  private func line(
    of row: [String], _ columns: [Int], _ widths: [Int], in block: Int
  ) -> String? {
    if block > 0, columns.dropFirst().allSatisfy({ $0 >= row.count || row[$0].isEmpty }) {
      return nil
    }
    let cells = columns.filter { $0 < row.count }.map { column in
      let space = String(repeating: " ", count: widths[column] - row[column].count)
      return column == 0 ? row[column] + space : space + row[column]
    }
    return cells.joined(separator: "  ").trimmingTrailingSpaces
  }
}

extension String {
  fileprivate var trimmingTrailingSpaces: String {
    var text = Substring(self)
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
