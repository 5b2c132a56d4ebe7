import Yams

extension EventSettings: RecipeSection {
  static let keys: [RecipeKey<EventSettings>] = [
    .sensor("sensor", \.sensor),
    .choice("slicing", \.slicing, "What makes a time step."),
    .setting(
      "timeWindow", \.timeWindow, .within(1...1_000_000_000),
      "Microseconds per time step, of timeWindow."),
    .setting(
      "eventCount", \.eventCount, .within(1...1_000_000_000),
      "Events per time step, of eventCount."),
    .choice(
      "polarity", \.polarity,
      "What becomes of ON and OFF; spikes of SHD and SSC are one channel always."),
    .choice("values", \.values, "The value of a pixel in a time step."),
    .setting(
      "centerCrop", \.centerCrop, orNull: .within(1...65536),
      "Side in pixels of the square in the sensor's centre that is kept; null: all pixels."),
    .setting(
      "downsampling", \.downsampling, .within(1...65536),
      "Side of the squares of pixels, or number of neighbouring units, that become one."),
    .setting(
      "denoise", \.denoise, orNull: .within(1...1_000_000_000),
      "Microseconds before an event in which a pixel next to it must have had one; null: isolated "
        + "events are kept."),
    .section(
      "augmentation", \.augmentation, "Random changes of training recordings, new every epoch."),
  ]
}

extension RecipeKey {
  /// A sensor as a list of columns and rows, or `null`.
  fileprivate static func sensor(
    _ name: String, _ property: RecipeProperty<Section, SensorSize?>
  ) -> RecipeKey {
    let range = SensorSize.allowed
    let allowed =
      "[width, height], whole numbers from \(range.lowerBound) to \(range.upperBound), or null"
    return RecipeKey(
      entry: RecipeEntry(
        name: name,
        summary:
          "Columns and rows of the camera's sensor, such as [128, 128]; null: as the data set "
          + "or the files state it, else as large as the training recordings need. Recordings with "
          + "events beyond it are refused.",
        allowed: allowed),
      read: { (node, path, section) throws(RecipeProblem) in
        if node.scalar?.isNull == true {
          section[keyPath: property] = nil
          return
        }
        guard let items = node.sequence else {
          throw .refused(node.found, at: path, allowed: allowed)
        }
        let sizes = items.map { $0.scalar.flatMap(Int.init(recipeScalar:)) }
        guard sizes.count == 2, let width = sizes[0], let height = sizes[1],
          range.contains(width), range.contains(height)
        else {
          let found = items.prefix(4).map(\.found).joined(separator: ", ")
          throw .refused("[\(found)\(items.count > 4 ? ", …" : "")]", at: path, allowed: allowed)
        }
        section[keyPath: property] = SensorSize(width: width, height: height)
      },
      check: { (_, _) throws(RecipeProblem) in },
      write: {
        guard let sensor = $0[keyPath: property] else { return .scalar("null") }
        return .scalar("[\(sensor.width), \(sensor.height)]")
      })
  }
}

extension EventAugmentationSettings: RecipeSection {
  static let keys: [RecipeKey<EventAugmentationSettings>] = [
    .setting(
      "shift", \.shift, .within(0...1000),
      "Largest number of pixels that recordings are shifted by, in each direction; 0: off."),
    .setting(
      "flip", \.flip, .any, "Whether recordings are mirrored left to right with probability ½."),
    .setting(
      "timeJitter", \.timeJitter, .within(0...1000),
      "Standard deviation of the noise on each spike's time, in time steps; 0: off."),
    .setting(
      "drop", \.drop, .within(0..<1), "Probability that a spike is left out; 0: off."),
    .setting(
      "dropTime", \.dropTime, .within(0...1),
      "Largest share of the recording that is a random stretch of time without spikes; 0: off."),
    .setting(
      "dropArea", \.dropArea, .within(0...1),
      "Largest share of the picture that is a random rectangle without spikes; 0: off."),
    .setting(
      "mix", \.mix, .within(0...1),
      "Probability that a random box of space and time is taken from another recording of the class; "
        + "0: off."),
  ]
}

extension EventSettings.Slicing: RecipeChoice {
  var summary: String {
    switch self {
    case .timeWindow: "timeWindow microseconds"
    case .eventCount: "eventCount events"
    case .timeBins: "the recording divided evenly into network.timeSteps"
    }
  }
}

extension EventSettings.Polarity: RecipeChoice {
  var summary: String {
    switch self {
    case .channels: "OFF is channel 0, ON channel 1"
    case .merged: "both are one channel"
    }
  }
}

extension EventSettings.Values: RecipeChoice {
  var summary: String {
    switch self {
    case .binary: "one spike if there was any event"
    case .counts: "the number of events, at most 255"
    }
  }
}
