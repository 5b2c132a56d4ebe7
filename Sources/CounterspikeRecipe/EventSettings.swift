/// How recordings of event cameras become the spikes that a network is shown, one frame a time step.
///
/// In this order: isolated events are left out (`denoise`), the centre is cut out (`centerCrop`),
/// pixels are merged (`downsampling`), and what is left is put into `network.timeSteps` bins
/// (`slicing`), counted from the first event of the recording. Spikes of the units of SHD and SSC are
/// treated as events of a sensor of one row without polarity, and counted from the recording's time 0.
public struct EventSettings: Sendable, Equatable {
  /// What makes a time step.
  public enum Slicing: String, Sendable, Equatable, CaseIterable {
    /// `timeWindow` microseconds; events after the last step are left out.
    case timeWindow
    /// `eventCount` events; those after the last step are left out.
    case eventCount
    /// The recording, from first to last event, divided evenly into as many steps as there are.
    case timeBins
  }

  /// What becomes of the polarity.
  public enum Polarity: String, Sendable, Equatable, CaseIterable {
    /// OFF events are channel 0, ON events channel 1.
    case channels
    /// Both are one channel.
    case merged
  }

  /// The value of a pixel in a time step.
  public enum Values: String, Sendable, Equatable, CaseIterable {
    /// 1 if there was any event, 0 if there was none: one spike a bin.
    case binary
    /// The number of events, at most 255.
    case counts
  }

  /// The camera's sensor, where neither the data set nor the files state it; `nil`: as they state it,
  /// or as large as the training recordings need. Recordings with events beyond it are refused.
  public var sensor: SensorSize?
  public var slicing = Slicing.timeWindow
  /// Microseconds per time step.
  public var timeWindow = 3000
  /// Events per time step.
  public var eventCount = 1000
  public var polarity = Polarity.channels
  public var values = Values.binary
  /// The side of the square in the sensor's centre that is kept, in pixels; `nil`: all pixels.
  public var centerCrop: Int?
  /// The side of the squares of pixels that become one, in pixels.
  public var downsampling = 1
  /// Events are left out unless one of the eight pixels around had an event in so many microseconds
  /// before; `nil`: all are kept.
  public var denoise: Int?
  public var augmentation = EventAugmentationSettings()

  public init() {}
}

/// Random changes of training recordings, drawn anew for every sample and epoch; they act on the
/// binned recording, whose spikes are its events.
public struct EventAugmentationSettings: Sendable, Equatable {
  /// All spikes are shifted by −shift … shift pixels in each direction; what leaves the picture is
  /// left out; 0: off.
  public var shift = 0
  /// The recording is mirrored left to right with probability ½.
  public var flip = false
  /// Standard deviation of the Gaussian noise that is added to the time of each spike, in time
  /// steps; what leaves the recording is left out; 0: off.
  public var timeJitter: Float = 0
  /// The probability that a spike is left out; 0: off.
  public var drop: Float = 0
  /// A stretch of time without any spike, at a random place; of random length, at most this share of
  /// the recording; 0: off.
  public var dropTime: Float = 0
  /// A rectangle without any spike, at a random place and of random size, at most this share of the
  /// picture's area; 0: off.
  public var dropArea: Float = 0
  /// The probability that a box of space and time, at most half of the recording, is taken from
  /// another recording of the same class; 0: off.
  public var mix: Float = 0

  public init() {}
}
