/// The messages of TensorBoard that are written here.
///
/// Field numbers are those of TensorBoard's `event.proto`, `summary.proto`, `tensor.proto` and
/// `plugins/hparams/plugin_data.proto`.
enum EventMessage {
  /// `brain.Event:2`, which every event file begins with.
  static func version(at time: Double) -> [UInt8] {
    event(at: time, step: nil) { $0.add(3, text: "brain.Event:2") }
  }

  /// Tells readers to forget what other files of the run say of this step and later ones.
  static func begin(at time: Double, step: Int) -> [UInt8] {
    let start = 1
    return event(at: time, step: step) { event in
      event.add(7, ProtobufMessage { $0.add(1, integer: start) })
    }
  }

  /// Values of a step.
  static func summary(at time: Double, step: Int, _ values: [Value]) -> [UInt8] {
    event(at: time, step: step) { event in
      event.add(5, ProtobufMessage { for value in values { $0.add(1, value.message) } })
    }
  }

  private static func event(
    at time: Double, step: Int?, _ body: (inout ProtobufMessage) -> Void
  ) -> [UInt8] {
    ProtobufMessage { event in
      event.add(1, double: time)
      if let step { event.add(2, integer: step) }
      body(&event)
    }.bytes
  }

  /// A tag and what it has at a step.
  struct Value: Sendable {
    var tag: String
    var content: Content

    enum Content: Sendable {
      case scalar(Double)
      case histogram(Histogram)
      /// A PNG file.
      case image(png: [UInt8], width: Int, height: Int)
      /// Markdown.
      case text(String)
      /// A message of the plugin for hyper-parameters.
      case hyperParameters(ProtobufMessage)
    }

    init(_ tag: String, _ content: Content) {
      self.tag = tag
      self.content = content
    }
  }
}

extension EventMessage.Value {
  fileprivate var message: ProtobufMessage {
    ProtobufMessage { value in
      value.add(1, text: tag)
      switch content {
      case .scalar(let number): value.add(2, float: Float(number))
      case .histogram(let histogram): value.add(5, histogram.message)
      case .image(let png, let width, let height):
        let colours = 3
        value.add(
          4,
          ProtobufMessage { image in
            image.add(1, integer: height)
            image.add(2, integer: width)
            image.add(3, integer: colours)
            image.add(4, bytes: png)
          })
      case .text(let text):
        value.add(9, Self.metadata(plugin: "text", content: []))
        let string = 7
        value.add(
          8,
          ProtobufMessage { tensor in
            tensor.add(1, integer: string)
            tensor.add(2, ProtobufMessage())
            tensor.add(8, text: text)
          })
      case .hyperParameters(let message):
        value.add(9, Self.metadata(plugin: "hparams", content: message.bytes))
        let float = 1
        value.add(
          8,
          ProtobufMessage { tensor in
            tensor.add(1, integer: float)
            tensor.add(2, ProtobufMessage())
            tensor.add(5, bytes: [0, 0, 0, 0])
          })
      }
    }
  }

  private static func metadata(plugin: String, content: [UInt8]) -> ProtobufMessage {
    ProtobufMessage { metadata in
      metadata.add(
        1,
        ProtobufMessage { data in
          data.add(1, text: plugin)
          data.add(2, bytes: content)
        })
      let tensor = 2
      metadata.add(4, integer: tensor)
    }
  }
}

extension Histogram {
  fileprivate var message: ProtobufMessage {
    ProtobufMessage { histogram in
      histogram.add(1, double: minimum)
      histogram.add(2, double: maximum)
      histogram.add(3, double: Double(count))
      histogram.add(4, double: sum)
      histogram.add(5, double: squares)
      histogram.add(6, doubles: limits)
      histogram.add(7, doubles: counts.map(Double.init))
    }
  }
}
