package import Counterspike
internal import CounterspikeKernels
internal import Foundation

/// One random change of a binned recording.
///
/// A spike at step t, row y, column x goes to
///
///     t' = t + σ·n, rounded      n standard normal, another for each spike
///     y' = y + rowShift
///     x' = (W − 1 − x if mirrored, else x) + columnShift
///
/// or nowhere, if that is outside of the recording, or the spike is dropped, or it falls into a
/// stretch of time or a rectangle that is emptied. A box may be filled from another recording.
///
/// - Note: Gu, Sng, Hu, Wang, “EventDrop: data augmentation for event-based learning”, IJCAI 2021, for
///   what is dropped; the box is CutMix's (Yun et al., ICCV 2019) within a class, in space and time.
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
  /// What is emptied.
  private var gaps: [EventBox] = []
  /// What is filled from another recording; `nil`: nothing.
  package var mixed: EventBox?
  /// Which of the other recordings of the class that is, in 0 ..< 1 of all of them.
  package private(set) var partner: Float = 0
  private let timeSteps: Int
  private let channels: Int
  private let height: Int
  private let width: Int
  private var random: RandomStream

  /// Draws the change of one sample in one epoch, a function of the arguments alone.
  ///
  /// Each parameter has its own place in the random stream, so that switching one of them on or off
  /// leaves the others as they are.
  ///
  /// - Parameter shape: of the recording, `[T, C, H, W]`.
  package init(
    _ settings: EventAugmentationSettings, shape: [Int], seed: UInt64, epoch: Int, index: Int
  ) {
    (timeSteps, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    random = RandomStream(seed: seed, purpose: .augmentation, epoch, index)
    let places = 2 * settings.shift + 1
    rowShift = random.integer(below: places) - settings.shift
    columnShift = random.integer(below: places) - settings.shift
    let coin = random.integer(below: 2)
    isMirrored = settings.flip && coin == 1
    timeJitter = settings.timeJitter
    drop = settings.drop

    var boxes = RandomStream(seed: seed, purpose: .boxes, epoch, index)
    let all = EventBox(steps: 0..<timeSteps, rows: 0..<height, columns: 0..<width)
    func part(_ range: Range<Int>, _ share: Float) -> Range<Int> {
      let length = Int((share * Float(range.count)).rounded())
      let first = boxes.integer(below: range.count - length + 1)
      return first..<(first + length)
    }
    var stretch = all
    stretch.steps = part(all.steps, boxes.uniform() * settings.dropTime)
    if settings.dropTime > 0 { gaps.append(stretch) }
    var rectangle = all
    let side = (boxes.uniform() * settings.dropArea).squareRoot()
    rectangle.rows = part(all.rows, side)
    rectangle.columns = part(all.columns, side)
    if settings.dropArea > 0 { gaps.append(rectangle) }
    let isMixed = boxes.uniform() < settings.mix
    let edge = Float(cbrt(Double(boxes.uniform() / 2)))
    let box = EventBox(
      steps: part(all.steps, edge), rows: part(all.rows, edge), columns: part(all.columns, edge))
    partner = boxes.uniform()
    if isMixed { mixed = box }
  }

  /// Where the next spike goes that is in `bin` of a recording of shape `[T, C, H, W]`; `nil`: it is
  /// left out. To be asked for the spikes one after the other.
  ///
  /// - Parameter isOther: whether the recording is the one that the box is filled from.
  package mutating func place(of bin: Int, isOther: Bool = false) -> Int? {
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
      step < timeSteps, (mixed?.contains(step, row, column) ?? false) == isOther,
      !gaps.contains(where: { $0.contains(step, row, column) })
    else { return nil }
    return ((step * channels + plane % channels) * height + row) * width + column
  }
}

/// A part of a recording.
package struct EventBox: Sendable, Equatable {
  package var steps: Range<Int>
  package var rows: Range<Int>
  package var columns: Range<Int>

  package init(steps: Range<Int>, rows: Range<Int>, columns: Range<Int>) {
    self.steps = steps
    self.rows = rows
    self.columns = columns
  }

  package func contains(_ step: Int, _ row: Int, _ column: Int) -> Bool {
    steps.contains(step) && rows.contains(row) && columns.contains(column)
  }
}
