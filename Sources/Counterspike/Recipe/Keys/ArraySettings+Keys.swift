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
    case .NC: "points"
    case .NHW: "grey images"
    case .NCHW: "images"
    case .NHWC: "images, channels last"
    case .NTC: "time series"
    case .NTCHW: "frames, used as they are"
    }
  }
}
