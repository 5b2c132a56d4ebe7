extension ArraySettings: RecipeSection {
  static let keys: [RecipeKey<ArraySettings>] = [
    .choice(
      "axes", \.axes,
      "What the axes of the samples are: N samples, T steps, C channels, H rows, W columns."),
    .choice("targets", \.targets, "What the arrays y_train and y_test hold."),
  ]
}

extension ArraySettings.Targets: RecipeChoice {
  var summary: String {
    switch self {
    case .classes: "classes, one whole number from 0 a sample"
    case .numbers: "numbers for loss.kind squaredError, [N, K] or [N, T, K] for K output neurons"
    }
  }
}

extension ArraySettings.Axes: RecipeChoice {
  var summary: String {
    switch self {
    case .auto: "by the number of axes and the type, where these leave no doubt"
    case .points: "points"
    case .greyImages: "grey images"
    case .images: "images"
    case .imagesChannelsLast: "images, channels last"
    case .series: "time series"
    case .frames: "frames, used as they are"
    }
  }
}
