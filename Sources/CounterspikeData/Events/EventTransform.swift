package import Counterspike
internal import CounterspikeKernels

/// One random change of a binned recording.
///
/// A spike at step t, row y, column x goes to
///
///     t' = t + σ·n, rounded      n standard normal, another for each spike
///     y' = y + rowShift
///     x' = (W − 1 − x if mirrored, else x) + columnShift
///
/// or nowhere, if that is outside of the recording or the spike is dropped.
package struct EventTransform: Sendable {
  /// Rows that everything is moved down by, where there is more than one; −shift … shift.
  package let rowShift: Int
  /// Columns that everything is moved to the right by; −shift … shift.
  package let columnShift: Int
  /// Whether left and right are exchanged.
  package let isMirrored: Bool
  /// Standard deviation of the change of each spike's time, in time steps.
  private let timeJitter: Float
  private let drop: Float
  private var random: RandomStream

  /// Draws the change of one sample in one epoch, a function of the arguments alone.
  ///
  /// Each parameter has its own place in the random stream, so that switching one of them on or off
  /// leaves the others as they are.
  package init(_ settings: EventAugmentationSettings, seed: UInt64, epoch: Int, index: Int) {
    random = RandomStream(seed: seed, purpose: .augmentation, epoch, index)
    let places = 2 * settings.shift + 1
    rowShift = random.integer(below: places) - settings.shift
    columnShift = random.integer(below: places) - settings.shift
    let coin = random.integer(below: 2)
    isMirrored = settings.flip && coin == 1
    timeJitter = settings.timeJitter
    drop = settings.drop
  }

  /// Where the next spike goes that is in `bin` of a recording of shape `[T, C, H, W]`; `nil`: it is
  /// left out. To be asked for the spikes one after the other.
  package mutating func place(
    of bin: Int, timeSteps: Int, channels: Int, height: Int, width: Int
  ) -> Int? {
    var column = bin % width
    var row = bin / width
    let plane = row / height
    // On a sensor of one row, a shift would leave nothing.
    row = row % height + (height == 1 ? 0 : rowShift)
    column = (isMirrored ? width - 1 - column : column) + columnShift
    var step = plane / channels
    var isDropped = false
    if timeJitter > 0 || drop > 0 {
      let chance = random.uniform()
      let noise = Float(random.normal())
      isDropped = chance < drop
      step += Int((timeJitter * noise).rounded())
    }
    guard !isDropped, row >= 0, row < height, column >= 0, column < width, step >= 0,
      step < timeSteps
    else { return nil }
    return ((step * channels + plane % channels) * height + row) * width + column
  }
}
