internal import Counterspike
internal import CounterspikeTraining
internal import Foundation

extension TensorBoardWriter {
  /// The tag of each number of a line of metrics.
  static func tag(_ key: String) -> String {
    switch key {
    case "loss": "loss/training"
    case "trainAccuracy": "accuracy/training"
    case let key where key.hasSuffix("Loss"): "loss/\(key.dropLast(4))"
    case let key where key.hasSuffix("Accuracy"): "accuracy/\(key.dropLast(8))"
    case "trainRMSE": "rmse/training"
    case let key where key.hasSuffix("RMSE"): "rmse/\(key.dropLast(4))"
    default: "epoch/\(key)"
    }
  }

  /// The part of a tag that names what epochs are judged by.
  static func name(_ recipe: Recipe) -> String { recipe.loss.isRegression ? "rmse" : "accuracy" }

  /// What an epoch's line of metrics says.
  func scalars(_ metrics: JSONLine) -> [EventMessage.Value] {
    metrics.members.flatMap { member -> [EventMessage.Value] in
      if case .object(let rates) = member.value {
        return rates.members.compactMap { rate in
          rate.value.doubleValue.map { .init("firingRate/\(rate.key)", .scalar($0)) }
        }
      }
      guard let number = member.value.doubleValue, member.key != "step" else { return [] }
      return [.init(Self.tag(member.key), .scalar(number))]
    }
  }

  /// ‖∂L/∂w‖ of the last step of each layer, summed over the batch and before any clipping.
  var gradientNorms: [EventMessage.Value] {
    let squares = trainer.lastGradients().map { gradient in
      gradient.scalars.reduce(0.0) { $0 + Double($1) * Double($1) }
    }
    return trainer.plan.stages.map { stage in
      let square = stage.parameters.reduce(0.0) { $0 + squares[$1] }
      return .init("gradientNorm/\(stage.name)", .scalar(square.squareRoot()))
    }
  }

  /// The recipe, the network and the hyper-parameters.
  var introduction: [EventMessage.Value] {
    let recipe = trainer.recipe
    let settings = recipe.settings.filter { $0.key != "name" }
      .map { (key: $0.key, value: HyperParameters.Setting($0.value)) }
    // Indented, so that Markdown leaves it alone.
    let yaml = recipe.yaml.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
    let judged = (["training"] + (split.map { [$0] } ?? [])).flatMap {
      ["loss/\($0)", "\(Self.name(recipe))/\($0)"]
    }
    return [
      .init("recipe", .text(yaml)), .init("network", .text(networkTable)),
      HyperParameters.experiment(metrics: judged),
      HyperParameters.start(settings, at: Date().timeIntervalSince1970),
    ]
  }

  /// The name of the samples that epochs are judged by, if any are.
  private var split: String? { trainer.split?.rawValue }

  private var networkTable: String {
    let rows = trainer.plan.stages.map { stage in
      let neurons = stage.neuronShape.map { "\($0)" }.joined(separator: "×")
      let behind = stage.outputShape.map { "\($0)" }.joined(separator: "×")
      return "| \(stage.name) | \(neurons) | \(behind) | \(stage.weightCount) |"
    }
    let notation = LayerNotation.format(trainer.recipe.network.layers)
    let title = (notation.map { "\($0), " } ?? "") + "T = \(trainer.plan.timeSteps)"
    return """
      \(title)

      | layer | neurons | behind pooling | weights |
      | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))
      """
  }
}
