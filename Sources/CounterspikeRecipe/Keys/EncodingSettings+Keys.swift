extension EncodingSettings: RecipeSection {
  static let keys: [RecipeKey<EncodingSettings>] = [
    .choice("kind", \.kind, "What becomes of a value."),
    .setting(
      "gain", \.gain, .within(0...1), "Probability of a spike where the value is 1, of rate."),
    .setting(
      "threshold", \.threshold, .above(0),
      "Largest value without a spike, of latency; change that makes a spike, of delta and, in "
        + "logarithmic brightness, of saccades."),
    .setting(
      "amplitude", \.amplitude, .within(0...1000),
      "Height and width in pixels of the triangle that the image moves along, of saccades."),
    .setting(
      "noise", \.noise, .within(0..<1),
      "Probability of an event of noise for each pixel, polarity and time step, of saccades."),
  ]
}

extension EncodingSettings.Kind: RecipeChoice {
  var summary: String {
    switch self {
    case .direct: "the normalized values as an input current, an image's at every step"
    case .rate: "random spikes with probability gain × value"
    case .latency: "one spike, the earlier the larger the value"
    case .delta: "a spike for every change by threshold; an image is faded in"
    case .saccades: "what an event camera sees of the moving image"
    }
  }
}

extension DataSettings.Selection: RecipeChoice {
  var summary: String {
    switch self {
    case .first: "the first ones, in the data set's order"
    case .balanced: "equally many of each class, drawn by the seed"
    }
  }
}
