import Counterspike
import CounterspikeData
import CounterspikeTraining
import Synchronization
import Testing

@Suite("Samples that will be loaded")
struct PrefetchTests {
  /// Notes what it is told and asked for.
  final class Source: SampleSource {
    let base = MadeUpImages.set(23, seed: 3)
    let log = Mutex<(announced: [Int], loaded: [Int])>(([], []))
    var count: Int { base.count }
    var shape: [Int] { base.shape }
    var classCount: Int { base.classCount }
    func label(at index: Int) -> Int { base.label(at: index) }
    func willLoad(_ indices: ArraySlice<Int>) { log.withLock { $0.announced += indices } }
    func load(_ index: Int, epoch: Int, into values: inout MutableSpan<Float>) {
      log.withLock { log in
        // Never asked for what was not announced.
        #expect(log.announced.count > log.loaded.count)
        log.loaded.append(index)
      }
      base.load(index, epoch: epoch, into: &values)
    }
  }

  @Test("are announced before, each once an epoch, in the order of the batches")
  func order() throws {
    let source = Source()
    var recipe = try TrainingCase.plain.recipe
    recipe.training.epochs = 2
    recipe.training.batchSize = 5
    let trainer = try Trainer(
      recipe, training: source, evaluation: MadeUpImages.set(4, seed: 4), workers: 1)
    try trainer.run()
    let log = source.log.withLock { $0 }
    #expect(log.announced.count == 46 && log.loaded.count == 46)
    for batch in stride(from: 0, to: 46, by: 23) {
      #expect(Set(log.announced[batch..<(batch + 23)]) == Set(0..<23))
      for start in stride(from: batch, to: batch + 23, by: 5) {
        let range = start..<min(start + 5, batch + 23)
        #expect(Set(log.announced[range]) == Set(log.loaded[range]))
      }
    }
  }

  @Test("are announced by their indices in the whole source")
  func subset() {
    let source = Source()
    SampleSubset(source, indices: [3, 8, 13]).willLoad([2, 0])
    #expect(source.log.withLock { $0.announced } == [13, 3])
  }
}
