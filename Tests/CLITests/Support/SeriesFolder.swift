/// Time series of two channels with headings, of which a few steps tell the classes apart.
enum SeriesFolder {
  /// Writes `count` series of each class into `folder/part/CLASS`.
  ///
  /// - Parameter classes: the classes' names; series of different places differ.
  static func write(
    _ part: String, classes: [String], count: Int, to folder: TemporaryFolder
  ) throws {
    for (place, name) in classes.enumerated() {
      try folder.makeFolder("\(part)/\(name)")
      for index in 0..<count {
        let rows = (0..<6).map { step -> String in
          let speed = place == step % 3 ? 9 + index : index
          return "\(speed),\(place * step + index)\n"
        }
        try folder.write("speed,force\n" + rows.joined(), to: "\(part)/\(name)/\(index).csv")
      }
    }
  }
}
