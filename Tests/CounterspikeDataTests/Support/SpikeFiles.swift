#if HDF5
  import CHDF5Writer
  import CounterspikeKernels
  import Testing

  /// HDF5 files of spikes, written by libhdf5.
  struct SpikeContent {
    /// Seconds, a row for each recording.
    var times: [[Double]] = [[0, 0.0625, 1.375], [], [0.5, 0.25]]
    var units: [[Int64]] = [[0, 699, 350], [], [7, 8]]
    var labels: [Int64] = [19, 0, 3]
    /// Bytes of a number.
    var timeSize: Int32 = 2
    var unitSize: Int32 = 2
    var labelSize: Int32 = 2

    /// Reproducible recordings of up to 1.4 s.
    static func random(_ count: Int, spikes: Int, classCount: Int = 20) -> SpikeContent {
      var random = RandomStream(seed: 7, purpose: .noise)
      var content = SpikeContent()
      content.times = (0..<count).map { _ in
        (0..<random.integer(below: spikes + 1)).map { _ in Double(random.integer(below: 1400)) / 1e3
        }
        .sorted()
      }
      content.units = content.times.map { row in
        row.map { _ in Int64(random.integer(below: 700)) }
      }
      content.labels = (0..<count).map { Int64($0 % classCount) }
      return content
    }

    /// - Parameter form: one of `HDF5_WRITER_…`.
    func write(
      to path: String, form: Int = HDF5_WRITER_SOUND, other: String = "",
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      let timeLengths = times.map { Int64($0.count) }
      let unitLengths = units.map { Int64($0.count) }
      // One more, so that there always is a place to point to.
      let allTimes = times.joined() + [0]
      let allUnits = units.joined() + [0]
      let result = timeLengths.withUnsafeBufferPointer { timeLengths in
        unitLengths.withUnsafeBufferPointer { unitLengths in
          allTimes.withUnsafeBufferPointer { allTimes in
            allUnits.withUnsafeBufferPointer { allUnits in
              labels.withUnsafeBufferPointer { labels in
                other.withCString { other in
                  var content = hdf5_writer_content(
                    time_size: timeSize, unit_size: unitSize, label_size: labelSize,
                    form: Int32(form), other: other, time_rows: Int64(timeLengths.count),
                    unit_rows: Int64(unitLengths.count), labels: Int64(labels.count),
                    time_lengths: timeLengths.baseAddress, unit_lengths: unitLengths.baseAddress,
                    times: allTimes.baseAddress, units: allUnits.baseAddress,
                    label: labels.baseAddress)
                  return hdf5_writer_write(path, &content)
                }
              }
            }
          }
        }
      }
      #expect(result == 0, "\(path) was not written", sourceLocation: sourceLocation)
    }
  }
#endif
