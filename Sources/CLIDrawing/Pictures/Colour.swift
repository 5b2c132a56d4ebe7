/// Red, green and blue.
struct Colour: Hashable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8

  static let black = Colour(red: 0, green: 0, blue: 0)
  static let white = Colour(red: 255, green: 255, blue: 255)
  /// Of axes, ticks and other lines that are no data.
  static let soft = Colour(red: 110, green: 118, blue: 126)
  static let grid = Colour(red: 226, green: 229, blue: 232)
  /// Of text.
  static let ink = Colour(red: 29, green: 39, blue: 51)
  static let on = Colour(red: 90, green: 180, blue: 255)
  static let off = Colour(red: 240, green: 140, blue: 40)

  /// From 0 to 1.
  var brightness: Double {
    (0.3 * Double(red) + 0.59 * Double(green) + 0.11 * Double(blue)) / 255
  }

  var hexadecimal: String {
    "#" + [red, green, blue].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// Colours of lines on white that people with any kind of colour blindness tell apart: hues far from
  /// each other first, the same ones darker or lighter after that.
  static let lines: [Colour] = [
    Colour(red: 0, green: 98, blue: 165), Colour(red: 213, green: 94, blue: 0),
    Colour(red: 0, green: 140, blue: 110), Colour(red: 190, green: 100, blue: 150),
    Colour(red: 200, green: 140, blue: 0), Colour(red: 70, green: 165, blue: 220),
    Colour(red: 60, green: 60, blue: 60), Colour(red: 130, green: 45, blue: 15),
    Colour(red: 75, green: 60, blue: 155), Colour(red: 110, green: 130, blue: 40),
    Colour(red: 140, green: 140, blue: 140), Colour(red: 0, green: 70, blue: 60),
  ]

  /// A grey from black to white.
  ///
  /// - Parameter share: 0 to 1; what is beyond is the nearer end.
  static func grey(_ share: Double) -> Colour {
    let level = UInt8((255 * min(max(share, 0), 1)).rounded())
    return Colour(red: level, green: level, blue: level)
  }

  /// A colour of a heat map, brighter for larger shares: dark blue, green-blue, yellow.
  ///
  /// - Parameter share: 0 to 1; what is beyond is the nearer end.
  static func heat(_ share: Double) -> Colour {
    let stops: [(Double, Double, Double)] = [
      (22, 20, 70), (42, 78, 130), (45, 135, 140), (120, 185, 110), (250, 230, 90),
    ]
    let place = min(max(share, 0), 1) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let rest = place - Double(index)
    func mixed(_ low: Double, _ high: Double) -> UInt8 {
      UInt8((low + (high - low) * rest).rounded())
    }
    let (low, high) = (stops[index], stops[index + 1])
    return Colour(
      red: mixed(low.0, high.0), green: mixed(low.1, high.1), blue: mixed(low.2, high.2))
  }
}
