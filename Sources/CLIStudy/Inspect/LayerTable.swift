internal import CLIDrawing
internal import Counterspike

/// A network's layers and what lies between them, one a row.
struct LayerTable {
  let plan: NetworkPlan
  /// Of the layers that have no gradient settings of their own.
  let gradient: GradientSettings

  init(_ plan: NetworkPlan, _ gradient: GradientSettings) {
    self.plan = plan
    self.gradient = gradient
  }

  var table: TextTable {
    // Named only where they differ: the first line of the output names the rule that all others have.
    let differs = plan.stages.contains { gradient.settings(of: $0) != gradient }
    let neurons = plan.stages.map(\.neuron)
    let neuronsDiffer = neurons.contains { $0 != neurons.first || $0.model != .leaky }
    let isDynamic = plan.stages.contains {
      $0.fires && ($0.neuron.reset != .zero || $0.neuron.adaptation != nil)
    }
    let isTrained = neurons.contains { !($0.trained ?? []).isEmpty }
    let network = NetworkRows(plan)
    let lines = network.lines
    let isDrawn = lines.contains { !$0.isEmpty }
    let fields = plan.receptiveFields
    var rows = [
      ["layer", "kernel", "output", "sees", "neurons", "weights", "multiply-adds a time step"]
    ]
    if neuronsDiffer { rows[0].append("τ_m, τ_s, θ") }
    if isDynamic { rows[0].append("reset, adaptation") }
    if isTrained { rows[0].append("trained") }
    if differs { rows[0].append("rule") }
    let width = network.rows.map { $0.name.count }.max() ?? 0
    for (row, line) in zip(network.rows, lines) {
      let space = String(repeating: " ", count: width - row.name.count)
      let field = fields[row.node.id]
      var cells = [
        isDrawn ? row.name + space + " " + line : row.name, kernel(row),
        row.node.shape.shapeText, field.isWhole ? "all" : "\(field.height)×\(field.width)",
      ]
      if let stage = row.stage {
        cells += [stage.neuronCount, stage.weightCount, stage.multiplyAdds].map(\.grouped)
        if neuronsDiffer { cells.append(constants(stage)) }
        if isDynamic {
          let adaptation = stage.neuron.adaptation.map {
            "β \($0.strength), τ_b \($0.timeConstant)"
          }
          cells.append("\(stage.neuron.reset.rawValue), \(adaptation ?? "none")")
        }
        if isTrained { cells.append(trained(stage.neuron)) }
        if differs {
          let own = gradient.settings(of: stage)
          cells.append(own.rule.rawValue + (own == gradient ? "" : ", its own settings"))
        }
      }
      rows.append(cells)
    }
    rows.append([
      "together", "", "", "", plan.stages.reduce(0) { $0 + $1.neuronCount }.grouped,
      plan.weightCount.grouped, plan.stages.reduce(0) { $0 + $1.multiplyAdds }.grouped,
    ])
    return TextTable(rows: rows)
  }

  private func constants(_ stage: NetworkPlan.Stage) -> String {
    let neuron = stage.neuron
    let model = neuron.model == .leaky ? "" : "\(neuron.model.rawValue): "
    return stage.fires
      ? "\(model)\(neuron.membraneTimeConstant), \(neuron.synapticTimeConstant), \(neuron.threshold)"
      : "\(neuron.membraneTimeConstant), never fires"
  }

  /// `τ_m, θ by channel`
  private func trained(_ neuron: NeuronSettings) -> String {
    let symbols = (neuron.trained ?? []).map {
      switch $0 {
      case .membraneTimeConstant: "τ_m"
      case .synapticTimeConstant: "τ_s"
      case .threshold: "θ"
      }
    }
    return symbols.isEmpty
      ? "none" : "\(symbols.joined(separator: ", ")) by \(neuron.trainedPer.rawValue)"
  }

  /// `5×5`, and what is not usual of it; what a row is that is no layer.
  private func kernel(_ row: NetworkRows.Row) -> String {
    switch row.node.operation {
    case .neurons: row.stage?.kernelText ?? ""
    case .sum: "sum"
    case .pooling(let pooling):
      "\(pooling.height)×\(pooling.width)"
        + (pooling.kind == .sum ? "" : " \(pooling.kind.rawValue)")
    case .registered(let piece, _): piece.name
    case .dropout(let probability): "dropout \(probability)"
    case .delay(let delay):
      (delay.isParameter ? "up to \(delay.longest)" : "\(delay.longest)") + " steps"
    default: ""
    }
  }
}

extension NetworkPlan.Stage {
  fileprivate var kernelText: String {
    if case .registered(let name) = kind { return name }
    guard case .convolution(let kernel, let stride, let padding) = kind else {
      switch neuronKind {
      case .spiking: return ""
      case .recurrent: return "recurrent"
      case .readout: return "readout"
      }
    }
    return "\(kernel)×\(kernel)" + (stride > 1 ? " stride \(stride)" : "")
      + (padding > 0 ? " padding \(padding)" : "")
  }
}
