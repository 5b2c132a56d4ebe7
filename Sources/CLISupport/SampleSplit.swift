internal import ArgumentParser
package import Counterspike
package import CounterspikeData

/// Which samples of a data set a command looks at.
package enum SampleSplit: String, ExpressibleByArgument, CaseIterable {
  case test
  case validation
  case training

  /// - Throws: `mismatch` for validation samples of a recipe that holds none back.
  package func samples(of data: DataSet) throws(CounterspikeError) -> any SampleSource {
    switch self {
    case .test: return data.test
    case .training: return data.training
    case .validation:
      if let samples = data.validation { return samples }
      throw CounterspikeError(
        .mismatch,
        "the recipe holds no training samples back for validation (data.validation is 0); choose "
          + "--split test or training")
    }
  }

  /// The names of the samples' files, if they have any.
  package func names(of data: DataSet) -> [String]? {
    switch self {
    case .test: data.testNames
    case .validation: data.validationNames
    case .training: data.trainingNames
    }
  }
}
