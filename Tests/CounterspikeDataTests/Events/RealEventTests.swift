import Counterspike
import CounterspikeData
import Foundation
import Testing

@Suite("Real recordings")
struct RealEventTests {
  @Test(
    "of N-MNIST that come with the tests are read",
    arguments: [
      ("Test/1/00041.bin", 1069), ("Train/8/00419.bin", 1112), ("Train/1/00605.bin", 1199),
    ])
  func fixtures(name: String, count: Int) throws {
    let stream = try EventStream(
      contentsOf: RealData.fixture("nmnist/" + name), sensor: SensorSize(width: 34, height: 34))
    #expect(stream.count == count)
    // Three saccades of about 100 ms.
    #expect((250_000..<350_000).contains(stream.duration))
    let on = stream.polarities.count { $0 }
    #expect(on > count / 3 && on < 2 * count / 3)
  }

  @Test(
    "of N-MNIST have as many events as their list says",
    .enabled(
      if: RealData.has("nmnist-samples/samples.csv"),
      "N-MNIST is absent; name a folder with nmnist-samples/ in it by COUNTERSPIKE_TEST_DATA"))
  func nmnist() throws {
    let folder = RealData.folder + "/nmnist-samples/"
    let list = try String(contentsOfFile: folder + "samples.csv", encoding: .utf8)
    let lines = list.split(separator: "\n").dropFirst()
    // Every tenth, so that the test stays short.
    for line in stride(from: 0, to: lines.count, by: 10).map({ lines[lines.startIndex + $0] }) {
      let words = line.split(separator: ",")
      let stream = try EventStream(
        contentsOf: folder + words[0], sensor: SensorSize(width: 34, height: 34))
      #expect(stream.count == Int(words[4]), "\(line)")
    }
  }

  @Test(
    "of N-CARS are read",
    .enabled(
      if: RealData.has("other-event-samples"),
      "N-CARS is absent; name a folder with other-event-samples/ in it by COUNTERSPIKE_TEST_DATA"),
    arguments: [
      ("sample_ncars.dat", 2009, 78, 42, 99_952), ("NCARS_obj_004397_td.dat", 4407, 54, 61, 99_937),
    ])
  func ncars(name: String, count: Int, width: Int, height: Int, last: Int64) throws {
    let stream = try EventStream(contentsOf: "\(RealData.folder)/other-event-samples/\(name)")
    #expect(stream.count == count)
    #expect(stream.width == width && stream.height == height)
    #expect(stream.times.first == 0 && stream.times.last == last)
  }

  @Test(
    "of DVS128 Gesture have a list of trials that is read",
    .enabled(
      if: RealData.has("dvsgesture-samples/user01_natural_labels.csv"),
      "it is absent; name a folder with dvsgesture-samples/ in it by COUNTERSPIKE_TEST_DATA"))
  func gestures() throws {
    let labels = try GestureLabels(
      contentsOf: RealData.folder + "/dvsgesture-samples/user01_natural_labels.csv")
    #expect(labels.trials.count == 12)
    #expect(Set(labels.trials.map(\.label)) == Set(1...11))
  }
}
