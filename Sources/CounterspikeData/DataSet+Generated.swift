internal import Counterspike

extension DataSet {
  /// Makes a data set that needs no files.
  static func generate(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Generated
  ) throws(CounterspikeError) -> DataSet {
    let unfit =
      settings.mean != nil
      ? "mean"
      : settings.standardDeviation != nil
        ? "standardDeviation"
        : settings.augmentation != AugmentationSettings() ? "augmentation" : nil
    if let unfit {
      throw CounterspikeError(
        .invalidRecipe, "data.\(unfit) is for images, and \(entry.title) has none; leave it out.")
    }
    func count(
      _ limit: Int?, _ key: String, of all: Int
    ) throws(CounterspikeError) -> Int {
      let count = limit ?? all
      guard (1...all).contains(count) else {
        throw CounterspikeError(
          .invalidRecipe,
          "data.\(key) is \(count); with \(entry.title) it must be 1 … \(all), or left out for all "
            + "samples.")
      }
      return count
    }
    let training = try count(settings.trainingLimit, "trainingLimit", of: entry.trainingCount)
    let test = try count(settings.testLimit, "testLimit", of: entry.testCount)
    switch kind {
    case .yinYang:
      return DataSet(
        name: entry.name, title: entry.title, classNames: entry.classNames,
        training: YinYang.samples(training, part: 0), test: YinYang.samples(test, part: 1))
    }
  }
}
