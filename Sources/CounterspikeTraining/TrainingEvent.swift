/// What a trainer tells while it works; plain values, for progress lines, logs and tests.
public enum TrainingEvent: Sendable {
  /// An optimizer step was made.
  case step(StepReport)
  /// The samples that epochs are judged by are being looked at.
  case evaluating(epoch: Int)
  /// An epoch and its evaluation, if there is one, are over.
  case epochEnded(EpochReport)
  /// Something is wrong with the network or the training; told when it begins, at an epoch's end.
  case warning(TrainingWarning)
}

/// Where an epoch stands after a step.
public struct StepReport: Sendable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Steps made in this epoch, and how many it has.
  public let step: Int
  public let stepsPerEpoch: Int
  /// Mean loss a sample and fraction of right predictions in this epoch so far, before each update.
  public let loss: Double
  public let accuracy: Double
  /// In regression, the root mean squared error so far; accuracies are 0 then.
  public let rmse: Double?
  public let learningRate: Float
  /// Samples of a full step.
  public let samplesPerStep: Int
  /// Samples that this process has trained, in `seconds`.
  public let samples: Int
  public let seconds: Double

  public var samplesPerSecond: Double { seconds > 0 ? Double(samples) / seconds : 0 }
}

/// One epoch's results.
public struct EpochReport: Sendable, Equatable {
  /// Counted from 1.
  public let epoch: Int
  public let epochs: Int
  /// Optimizer steps since the run began.
  public let step: Int
  /// Mean loss a training sample, before each update and with dropout.
  public let loss: Double
  /// Fraction of training samples that were predicted right, likewise.
  public let trainAccuracy: Double
  /// In regression, the root mean squared error of the training samples; accuracies are 0 then.
  public let trainRMSE: Double?
  /// Which samples the epoch was judged by; `nil`: by none.
  public let split: EvaluationSplit?
  /// Mean loss a sample of ``split``.
  public let evaluationLoss: Double?
  /// Fraction of the samples of ``split`` that are predicted right.
  public let evaluationAccuracy: Double?
  /// In regression, the root mean squared error of the samples of ``split``.
  public let evaluationRMSE: Double?
  /// Of the last step.
  public let learningRate: Float
  /// Spikes a neuron and time step in training, one number for each layer whose neurons can fire;
  /// those of a readout cannot.
  public let firingRates: [FiringRate]
  /// Training samples a second in this process, the evaluation left out.
  public let samplesPerSecond: Double
  /// Seconds that the epoch took in this process, evaluation included.
  public let seconds: Double
  /// The accuracy on ``split`` is higher, or in regression the RMSE lower, than that of every epoch
  /// before, and chooses the checkpoint.
  public let isBest: Bool
}

/// The samples that epochs are judged by.
public enum EvaluationSplit: String, Sendable, Equatable {
  /// The test samples: what is reported of the best epoch is then somewhat too good.
  case test
  /// Training samples that were held back for it; the test samples are looked at when all is over.
  case validation
}

/// How often a layer's neurons fire.
public struct FiringRate: Sendable, Equatable {
  public let layer: String
  /// Spikes a neuron and time step, in 0 … 1.
  public let rate: Double
}

/// How a call to ``Trainer/run(shouldStop:observe:)`` ended.
public enum TrainingOutcome: Sendable, Equatable {
  /// All epochs are done.
  case finished
  /// `shouldStop` asked for it; the trainer stands between two steps and can go on.
  case stopped
}
