import Counterspike
import Synchronization

/// Notes which samples are asked for.
final class RecordingSource: SampleSource {
  struct Load: Equatable {
    let index: Int
    let epoch: Int
  }

  private let source: any SampleSource
  private let record = Mutex<[Load]>([])

  init(_ source: any SampleSource) { self.source = source }

  var loads: [Load] { record.withLock { $0 } }

  var count: Int { source.count }
  var shape: [Int] { source.shape }
  var classCount: Int { source.classCount }
  func label(at index: Int) -> Int { source.label(at: index) }

  func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
    record.withLock { $0.append(Load(index: index, epoch: epoch)) }
    source.load(index, epoch: epoch, into: &values)
  }
}
