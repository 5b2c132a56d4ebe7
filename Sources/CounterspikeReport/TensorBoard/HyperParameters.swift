/// The messages of TensorBoard's plugin for hyper-parameters.
enum HyperParameters {
  /// A setting as TensorBoard compares it.
  enum Setting: Sendable, Equatable {
    case number(Double)
    case boolean(Bool)
    case text(String)

    /// What YAML's text of a value is.
    init(_ text: String) {
      self =
        switch text {
        case "true": .boolean(true)
        case "false": .boolean(false)
        default: Double(text).map { .number($0) } ?? .text(text)
        }
    }
  }

  enum Ending: Int, Sendable {
    case success = 1
    case failure = 2
  }

  /// Which metrics a run is compared by.
  static func experiment(metrics: [String]) -> EventMessage.Value {
    value("_hparams_/experiment", field: 2) { experiment in
      for tag in metrics {
        experiment.add(
          5, ProtobufMessage { $0.add(1, ProtobufMessage { $0.add(2, text: tag) }) })
      }
    }
  }

  static func start(
    _ settings: [(key: String, value: Setting)], at time: Double
  ) -> EventMessage.Value {
    value("_hparams_/session_start_info", field: 3) { start in
      for (key, setting) in settings {
        start.add(
          1,
          ProtobufMessage { entry in
            entry.add(1, text: key)
            entry.add(
              2,
              ProtobufMessage { value in
                switch setting {
                case .number(let number): value.add(2, double: number)
                case .text(let text): value.add(3, text: text)
                case .boolean(let isTrue): value.add(4, integer: isTrue ? 1 : 0)
                }
              })
          })
      }
      start.add(5, double: time)
    }
  }

  static func end(_ ending: Ending, at time: Double) -> EventMessage.Value {
    value("_hparams_/session_end_info", field: 4) { end in
      end.add(1, integer: ending.rawValue)
      end.add(2, double: time)
    }
  }

  private static func value(
    _ tag: String, field: Int, _ body: (inout ProtobufMessage) -> Void
  ) -> EventMessage.Value {
    let version = 0
    return EventMessage.Value(
      tag,
      .hyperParameters(
        ProtobufMessage { message in
          message.add(1, integer: version)
          message.add(field, ProtobufMessage(body))
        }))
  }
}
