extension ArraySettings: RecipeSection {
  static let keys: [RecipeKey<ArraySettings>] = [
    .choice(
      "axes", \.axes,
      "What the axes of the samples are: N samples, T steps, C channels, H rows, W columns.")
  ]
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
