extension String {
  /// The text, or its beginning and its end with an ellipsis between.
  package func shortened(to width: Int) -> String {
    guard count > width, width > 2 else { return self }
    let end = (width - 1) / 2
    return prefix(width - 1 - end) + "…" + suffix(end)
  }
}
