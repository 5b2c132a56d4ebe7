internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeData

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Data sets and recordings: what there is, where it is, what it looks like.",
    subcommands: [
      DataListCommand.self, DataFetchCommand.self, DataVerifyCommand.self, DataInfoCommand.self,
      DataShowCommand.self,
    ])
}

struct DataListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "The data sets that are known by name, and where there are files of their names.")

  @OptionGroup var place: DataFolderOption

  @Flag(help: "Prints one JSON object a line instead of text.")
  var json = false

  func run() throws {
    let locator = DataLocator(folder: place.data)
    var rows = [["name", "shape", "training", "test", "classes", "licence", "folder"]]
    for known in DataCatalog.entries {
      // What only a folder says is left open where there is none.
      let entry = (try? known.described(DataSettings(), folder: place.data)) ?? known
      let isOpen = entry.classNames.isEmpty
      // A folder that lacks it is as good as none here.
      let location = try? locator.locate(entry)
      let folder = location?.folder
      let isMade = if case .generated = entry.kind { true } else { false }
      guard !json else {
        let line: JSONLine = [
          "name": .string(entry.name), "title": .string(entry.title),
          "shape": .array(entry.shape.map { .integer($0) }),
          "training": .integer(entry.trainingCount),
          "validation": .integer(entry.validationCount), "test": .integer(entry.testCount),
          "classes": .array(entry.classNames.map { .string($0) }),
          "licence": .string(entry.licence), "source": .string(entry.source),
          "citation": .string(entry.citation), "folder": .string(folder ?? ""),
          "packed": .boolean(location?.isPacked ?? false),
        ]
        Console.line(line.description)
        continue
      }
      rows.append([
        entry.name, isOpen ? "–" : entry.shape.map { "\($0)" }.joined(separator: "×"),
        isOpen ? "–" : entry.trainingCount.grouped, isOpen ? "–" : entry.testCount.grouped,
        isOpen ? "–" : "\(entry.classCount)",
        entry.licence,
        folder.map { location?.isPacked == true ? $0 + " (packed)" : $0 }
          ?? (isMade ? "made when needed" : isOpen ? "the one you name" : "not here"),
      ])
    }
    if !json { for line in TextTable(rows: rows).lines { Console.line(line) } }
  }
}

struct DataFetchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch",
    abstract: "Downloads and unpacks a data set, if it is not on this machine already.")

  @Argument(help: "Its name.")
  var name: String

  @OptionGroup var output: QuietOption

  func run() throws {
    let folder = try DataSet.fetch(named: name, progress: output.progress)
    Console.line(folder.isEmpty ? "\(name) needs no files" : folder)
  }
}

struct DataVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Reads all files of a data set and checks them.")

  @Argument(help: "Its name.")
  var name: String

  @OptionGroup var place: DataFolderOption
  @OptionGroup var output: QuietOption

  @Flag(help: "Prints one JSON object instead of text.")
  var json = false

  func run() throws {
    let known = try DataCatalog.entry(named: name)
    let found = try DataSet.verify(named: name, folder: place.data, progress: output.progress)
    let entry = try known.described(DataSettings(), folder: place.data)
    let isWhole =
      found.trainingCount == entry.trainingCount && found.testCount == entry.testCount
      && found.validationCount == entry.validationCount
    if json {
      let line: JSONLine = [
        "name": .string(entry.name), "folder": .string(found.folder),
        "training": .integer(found.trainingCount), "validation": .integer(found.validationCount),
        "test": .integer(found.testCount), "whole": .boolean(isWhole),
        "files": .integer(found.files), "checked": .integer(found.checkedFiles),
        "leftOut": .integer(found.leftOutFiles),
        "remarks": .array(found.remarks.map { .string($0) }),
      ]
      Console.line(line.description)
      return
    }
    let validation =
      entry.validationCount > 0
      ? ", \(found.validationCount.grouped) of \(entry.validationCount.grouped) validation" : ""
    guard !found.folder.isEmpty else {
      Console.line(
        "\(found.trainingCount.grouped) training and \(found.testCount.grouped) test samples of "
          + "\(entry.title), made without files")
      return
    }
    Console.line(
      "\(found.folder): \(found.trainingCount.grouped) of \(entry.trainingCount.grouped) training"
        + "\(validation) and \(found.testCount.grouped) of \(entry.testCount.grouped) test samples of "
        + "\(entry.title)\(isWhole ? "" : ", a part of it")")
    Console.line(
      found.checkableFiles > 0
        ? "\(found.checkedFiles) of \(found.files.counted("file")) with the published SHA-256"
        : "\(found.files.counted("file")) well-formed; no SHA-256 of them is known")
    for remark in found.remarks { Console.line(remark) }
  }
}
