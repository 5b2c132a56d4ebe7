internal import ArgumentParser
internal import CLIDrawing
internal import CLISupport
internal import Counterspike

/// The manual page, made from what the argument parser knows, so that it cannot differ from `--help`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Prints the manual page, for man to format.",
    shouldDisplay: false)

  func run() throws {
    Console.raw(try ManualPage(dump: CounterspikeCommand._dumpHelp()).text)
  }
}

/// A manual page in the mdoc language.
struct ManualPage {
  let text: String

  /// - Parameter dump: JSON, as the argument parser gives it for other programs.
  init(dump: String) throws(CounterspikeError) {
    let root: JSONLine
    do {
      root = try JSONParser.object(Array(dump.utf8)[...])
    } catch {
      throw CounterspikeError(
        .libraryFailure,
        "the argument parser's description of the commands is no JSON: \(error.reason)")
    }
    let command = Command(root["command"])
    var lines = [
      ".Dd", ".Dt COUNTERSPIKE 1", ".Os counterspike \(CounterspikeCommand.configuration.version)",
      ".Sh NAME", ".Nm counterspike",
      ".Nd \(command.abstract.roff)", ".Sh SYNOPSIS", ".Nm", ".Ar command", ".Op Ar options",
      ".Sh DESCRIPTION",
    ]
    lines += command.discussion.paragraphs
    lines.append(".Sh COMMANDS")
    for subcommand in command.subcommands { lines += Self.lines(subcommand, []) }
    lines += Self.examples([], heading: ".Sh EXAMPLES")
    text = lines.joined(separator: "\n") + "\n"
  }

  private static func lines(_ command: Command, _ parents: [String]) -> [String] {
    let path = parents + [command.name]
    var lines = [".Ss counterspike \(path.joined(separator: " "))", command.abstract.roff]
    if !command.discussion.isEmpty { lines += [".Pp"] + command.discussion.paragraphs }
    let arguments = command.arguments
    if !arguments.isEmpty {
      lines.append(".Bl -tag -width Ds")
      for argument in arguments { lines += [".It \(argument.title)", argument.abstract.roff] }
      lines.append(".El")
    }
    lines += examples(path, heading: ".Pp\nExamples:")
    for subcommand in command.subcommands { lines += Self.lines(subcommand, path) }
    return lines
  }

  private static func examples(_ command: [String], heading: String) -> [String] {
    let examples = CommandExamples.examples(for: command)
    guard !examples.isEmpty else { return [] }
    return [heading, ".Bl -tag -width Ds"]
      + examples.flatMap { [".It Li \($0.line.roff)", $0.purpose.roff] } + [".El"]
  }

  /// A command as the argument parser describes it.
  private struct Command {
    let name: String
    let abstract: String
    let discussion: String
    let subcommands: [Command]
    let arguments: [Argument]

    init(_ value: JSONLine.Value?) {
      name = value?["commandName"]?.stringValue ?? ""
      abstract = value?["abstract"]?.stringValue ?? ""
      discussion = value?["discussion"]?.stringValue ?? ""
      subcommands = (value?["subcommands"]?.items ?? []).map { Command($0) }
        .filter { !["help", "manual"].contains($0.name) }
      arguments = (value?["arguments"]?.items ?? []).map { Argument($0) }.filter { !$0.isHelp }
    }
  }

  private struct Argument {
    let title: String
    let abstract: String
    let isHelp: Bool

    init(_ value: JSONLine.Value) {
      let names = (value["names"]?.items ?? []).map { name in
        let word = name["name"]?.stringValue ?? ""
        return "Fl " + (name["kind"]?.stringValue == "short" ? word : "-" + word)
      }
      let valueName = value["valueName"]?.stringValue ?? ""
      let isFlag = value["kind"]?.stringValue == "flag"
      isHelp = names.contains("Fl -help") || names.contains("Fl -version")
      title =
        names.isEmpty
        ? "Ar \(valueName.roff)"
        : names.joined(separator: " , ") + (isFlag ? "" : " Ar \(valueName.roff)")
      let standard = value["defaultValue"]?.stringValue.map { " (default: \($0))" } ?? ""
      abstract = (value["abstract"]?.stringValue ?? "") + standard
    }
  }
}

extension JSONLine.Value {
  fileprivate subscript(key: String) -> JSONLine.Value? {
    if case .object(let line) = self { line[key] } else { nil }
  }

  fileprivate var items: [JSONLine.Value]? {
    if case .array(let items) = self { items } else { nil }
  }
}

extension String {
  /// The text on one line, in which the formatter finds nothing to act on.
  fileprivate var roff: String {
    let line = split(whereSeparator: \.isWhitespace).joined(separator: " ")
      .replacing("\\", with: "\\e").replacing("-", with: "\\-")
    return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : line
  }

  fileprivate var paragraphs: [String] {
    let parts = split(separator: "\n\n").map { String($0).roff }
    return parts.enumerated().flatMap { $0.offset == 0 ? [$0.element] : [".Pp", $0.element] }
  }
}
