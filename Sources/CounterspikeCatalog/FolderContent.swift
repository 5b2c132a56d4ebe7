internal import CounterspikeFormats

extension DataCatalog.FolderContent {
  /// How the names of such files end, in lower case and without the dot.
  package var fileExtensions: [String] {
    switch self {
    case .images: ImageFile.fileExtensions
    case .events: ["csv", "txt", "tsv", "npy", "npz", "bin", "dat", "aedat", "aedat4"]
    case .series: ["csv", "txt", "tsv"]
    case .arrays: ["npy", "npz"]
    }
  }

  /// The samples, for messages.
  package var what: String {
    switch self {
    case .images: "images"
    case .events: "recordings of events"
    case .series: "time series"
    case .arrays: "arrays"
    }
  }
}
