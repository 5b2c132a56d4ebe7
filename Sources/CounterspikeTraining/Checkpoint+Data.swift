public import Counterspike
public import CounterspikeData

/// What tells whether samples are the same as a run's; see `DataFingerprint`.
public struct DataFingerprints: Sendable, Equatable {
  /// Of the training samples, before limits and validation share.
  public let training: String
  /// Of the test samples, before limits.
  public let test: String

  /// Those of a data set.
  public init(_ data: DataSet) {
    self.init(training: data.fingerprint, test: data.testFingerprint)
  }

  init(training: String, test: String) {
    self.training = training
    self.test = test
  }
}

extension Checkpoint {
  /// Refuses training samples that are not those of the checkpoint's run.
  ///
  /// - Throws: `mismatch`.
  func check(_ found: DataFingerprints?) throws(CounterspikeError) {
    guard let fingerprints, let found, found.training != fingerprints.training else { return }
    throw CounterspikeError(
      .mismatch,
      "the training samples are not those that the run began with: files were added, removed or "
        + "changed; go on with the data of then, or begin a new run",
      remedy: .nameDataFolder)
  }

  /// What a user should know of an evaluation on `data`: that its samples are not those of the run.
  ///
  /// - Parameters:
  ///   - data: loaded by `recipe`.
  ///   - recipe: the checkpoint's own, or one with some settings replaced.
  ///   - isTest: whether the test samples are evaluated, and not training or validation samples.
  public func remarks(
    on data: DataSet, by recipe: Recipe, isTest: Bool
  ) -> [String] {
    var remarks = data.remarks
    if self.recipe.data.classes == nil {
      remarks.append(
        "the checkpoint does not name its classes; those of the data are matched by their order")
    }
    guard let fingerprints, self.recipe.content == recipe.content else { return remarks }
    let found = DataFingerprints(data)
    if isTest, found.test != fingerprints.test {
      remarks.append("the test samples are not those of the training's data set")
    } else if !isTest, found.training != fingerprints.training {
      remarks.append("the training samples are not those that the network was trained on")
    }
    return remarks
  }
}

extension Recipe {
  /// The settings that decide what all samples of the data set are, before some are chosen.
  fileprivate var content: Recipe {
    var content = Recipe()
    content.data = data
    content.data.trainingLimit = nil
    content.data.testLimit = nil
    content.data.selection = .first
    content.data.validation = 0
    content.data.augmentation = AugmentationSettings()
    content.data.events.augmentation = EventAugmentationSettings()
    content.network.timeSteps = network.timeSteps
    content.seed = seed
    return content
  }
}
