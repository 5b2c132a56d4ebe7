internal import Counterspike
internal import CounterspikeCatalog
internal import CounterspikeSamples

extension DataSet {
  /// Makes a data set that needs no files.
  static func generate(
    _ settings: DataSettings, _ entry: DataCatalog.Entry, _ kind: DataCatalog.Generated,
    timeSteps: Int
  ) -> DataParts {
    func parts(_ samples: (_ count: Int, _ part: Int) -> any SampleSource) -> DataParts {
      let training = samples(entry.trainingCount, 0)
      return DataParts(
        training: training, plainTraining: training, test: samples(entry.testCount, 1),
        settings: settings)
    }
    switch kind {
    case .yinYang: return parts { YinYang.samples($0, part: $1) }
    case .randman: return parts { Randman(count: $0, part: $1, timeSteps: timeSteps) }
    }
  }
}
