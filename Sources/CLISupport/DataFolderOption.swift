package import ArgumentParser
internal import Counterspike

/// Where data sets are looked for.
package struct DataFolderOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with the data set's files; without it, $COUNTERSPIKE_DATA, the system's data sets "
        + "and the cache are searched.", valueName: "folder"))
  package var data: String?

  package init() {}

  package func validate() throws {
    if let data, !data.isFolder {
      throw ValidationError("--data names “\(data.excerpt)”, which is no folder")
    }
  }
}
