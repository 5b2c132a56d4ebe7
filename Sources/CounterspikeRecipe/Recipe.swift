public import CounterspikeSettings

/// Everything that decides the result of a run: data, network, rule, loss, optimizer, schedule.
///
/// The same recipe gives the same bytes on the same type of machine; what does not change the
/// result (threads, folders) is no part of it. The defaults are the project's default experiment,
/// the papers' `15C5-P2-40C5-P2-300-10` with five time steps on Fashion-MNIST.
///
/// A recipe is written in YAML; its keys are the names of the properties here.
public struct Recipe: Sendable, Equatable {
  /// What the run is called; the run folder's name begins with it.
  public var name = "fashion-mnist"
  /// Seed of initial weights, shuffling, augmentation and dropout.
  public var seed: UInt64 = 1
  public var data = DataSettings()
  public var network = NetworkSettings()
  public var gradient = GradientSettings()
  public var loss = LossSettings()
  public var optimizer = OptimizerSettings()
  public var schedule = ScheduleSettings()
  public var training = TrainingSettings()

  public init() {}
}

/// What the network is trained and tested on.
public struct DataSettings: Sendable, Equatable {
  /// The name of a known data set (`mnist`, `fashion-mnist`, `kmnist`, `emnist-letters`, …), or
  /// `image-folder`.
  public var set = "fashion-mnist"
  /// The names of the classes in the order of the output neurons; `nil`: as the data set has them. A run
  /// keeps them, so that a folder's classes are matched by name.
  public var classes: [String]?
  /// What is subtracted from a value, one number for all channels or one a channel; `nil`: the data
  /// set's own mean. Pixels are divided by 255 before. Of time series that are encoded as spikes: the
  /// smallest value.
  public var mean: [Double]?
  /// What the difference is divided by, likewise; `nil`: the data set's own standard deviation. Of
  /// time series that are encoded as spikes: the difference of the largest and the smallest value.
  public var standardDeviation: [Double]?
  /// The number of training samples that are used, chosen as ``selection`` says; `nil`: all.
  public var trainingLimit: Int?
  /// The number of test samples that are used; `nil`: all of them.
  public var testLimit: Int?
  public var selection = Selection.first
  /// The share of every class's training samples that is held back, drawn by the seed: epochs are
  /// then judged by these, and the test samples are not looked at before training is over; 0: none.
  public var validation: Float = 0
  /// The share of every class's samples that is for testing, drawn by the seed, where a data set has
  /// no official split; others ignore it.
  public var testShare: Float = 0.1
  public var encoding = EncodingSettings()
  public var augmentation = AugmentationSettings()
  public var images = ImageSettings()
  public var arrays = ArraySettings()
  public var events = EventSettings()

  /// Which samples are used where there is a limit.
  public enum Selection: String, Sendable, Equatable, CaseIterable {
    /// The first ones, in the data set's order.
    case first
    /// Equally many of each class, as far as it has them, drawn by the seed.
    case balanced
  }

  public init() {}
}

/// How a folder of image files becomes samples of one shape; other data sets have theirs.
public struct ImageSettings: Sendable, Equatable {
  /// The side in pixels that images get: the square in their centre, made smaller by averaging;
  /// `nil`: they stay as they are, and must all have one size.
  public var size: Int?
  /// 1: all images become grey; 3: all have red, green and blue; `nil`: they stay as they are, and
  /// must all be grey or all coloured.
  public var channels: Int?

  public init() {}
}

/// Random changes of training images, drawn anew for every sample and epoch.
public struct AugmentationSettings: Sendable, Equatable {
  /// The image is padded by this many black pixels on every side and cropped back to its size at
  /// a random place; 0: off.
  public var cropPadding = 0
  /// The image is mirrored left to right with probability ½.
  public var flip = false
  /// The image is rotated about its centre by an angle drawn from −rotation … rotation, in
  /// degrees, with bilinear interpolation; 0: off.
  public var rotation: Float = 0

  public init() {}
}

/// How long and in which portions to train.
public struct TrainingSettings: Sendable, Equatable {
  /// The number of passes over the training samples.
  public var epochs = 5
  /// Samples per optimizer step.
  public var batchSize = 64
  /// Samples that one worker takes through the network at a time; `nil`: chosen from the network.
  /// It decides the order of the gradients' sums, hence the last bits of the result.
  public var microBatchSize: Int?
  /// Steps between two checkpoints inside an epoch; 0: only at each epoch's end.
  public var checkpointInterval = 0
  public var modelSelection = ModelSelection.validation
  /// The number of epochs without a higher validation accuracy after which training ends; `nil`: it goes
  /// on to the last epoch.
  public var patience: Int?
  /// The number of best checkpoints that a run keeps, beside the last one and the best one; 0: none.
  public var keep = 0
  /// The names of layers whose weights are not trained; `nil`: none.
  public var frozen: [String]?
  /// Bits that the weights of convolutions and dense layers are rounded to in all passes, as
  /// ``Network/quantized(_:)`` rounds them, while the optimizer changes the weights themselves; `nil`: they are
  /// not rounded.
  public var weightBits: Int?
  /// What shares a scale where weights are rounded.
  public var weightScale = QuantizationSettings.Scale.channel

  /// Which checkpoint of a run is taken.
  public enum ModelSelection: String, Sendable, Equatable, CaseIterable {
    /// That of the highest accuracy on the validation samples; without any, the last one.
    case validation
    /// The last one.
    case last
    /// That of the highest accuracy on the test samples, as the papers do. The accuracy is then
    /// somewhat too good: it was chosen on the samples that it is reported on.
    case test
  }

  public init() {}
}
