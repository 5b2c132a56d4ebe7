internal import CLIDrawing
internal import CLISupport
internal import Counterspike
internal import CounterspikeReport
internal import CounterspikeTraining

/// How much the network computes, against the same one without spikes.
struct OperationsSection {
  let operations: SynapticOperations

  var html: String {
    let adds = (SynapticOperations.additionEnergy * 1e12).significant
    let products = (SynapticOperations.multiplyAddEnergy * 1e12).significant
    return """
      <h3>Operations</h3>
      <p>\(summary.escaped)</p>
      \(table.html)
      <div class="row">\(chart)</div>
      <p>Assumptions: a spike is one addition for each weight it meets, counted at \
      \(operations.samples.counted("test sample")); behind maximum pooling that is an upper bound. An \
      input that is no spike train takes multiply-adds, those of a static input once a sample. The \
      states take two multiply-adds for each neuron and time step. The network without spikes takes \
      \(operations.passes == 1 ? "one pass of multiply-adds" : "a pass of multiply-adds at each of the \(operations.passes.grouped) time steps, as samples change over time or neurons are recurrent"). \
      \(adds) pJ for an addition of 32-bit floats and \(products) pJ for a multiplication (3.7 pJ) with \
      an addition in 45 nm: \(SynapticOperations.source.escaped). Memory access, which often takes \
      more, is in neither.</p>
      """
  }

  /// In one sentence.
  var summary: String {
    let ratio = operations.dense > 0 ? operations.additions / operations.dense : 0
    let energy = operations.denseEnergy > 0 ? operations.energy / operations.denseEnergy : 0
    return
      "A sample takes \(operations.additions.whole) additions of spikes, "
      + "\((100 * ratio).significant) % of the \(operations.dense.whole) multiply-adds of the same "
      + "network without spikes\(passes), and with the states and the input "
      + "\((100 * energy).significant) % of the energy of their arithmetic."
  }

  private var passes: String {
    operations.passes == 1 ? "" : " at all \(operations.passes.grouped) time steps"
  }

  private var table: PageTable {
    func cell(_ value: Double) -> PageTable.Cell { PageTable.Cell(value, \.whole) }
    func energy(_ value: Double) -> PageTable.Cell {
      PageTable.Cell((1e9 * value).significant, value: value)
    }
    var rows = operations.products.map { product in
      (
        name: product.name,
        cells: [
          cell(product.additions), cell(product.multiplyAdds), cell(product.dense),
          energy(
            product.additions * SynapticOperations.additionEnergy
              + product.multiplyAdds * SynapticOperations.multiplyAddEnergy),
          energy(product.dense * SynapticOperations.multiplyAddEnergy),
        ]
      )
    }
    rows.append(
      (
        name: "states of neurons",
        cells: [
          cell(0), cell(operations.states), cell(0),
          energy(operations.states * SynapticOperations.multiplyAddEnergy), energy(0),
        ]
      ))
    rows.append(
      (
        name: "all",
        cells: [
          cell(operations.additions), cell(operations.multiplyAdds + operations.states),
          cell(operations.dense), energy(operations.energy), energy(operations.denseEnergy),
        ]
      ))
    return PageTable(
      title: "operations and energy a sample",
      columns: [
        "product", "additions", "multiply-adds", "without spikes", "energy (nJ)",
        "without spikes (nJ)",
      ], rows: rows)
  }

  private var chart: String {
    let frame = Drawing.Frame(left: 96, top: 24, width: 228, height: 56)
    let parts = [("with spikes", operations.energy), ("without spikes", operations.denseEnergy)]
    let scale = Scale.linear(parts.map { 1e9 * $0.1 } + [0], steps: 4)
    var drawing = Drawing(
      width: 340, height: frame.bottom + 38, title: "energy of the arithmetic a sample")
    drawing.text("arithmetic a sample", frame.left, 14)
    drawing.horizontalAxis(scale, frame, title: "energy (nJ)")
    for (index, part) in parts.enumerated() {
      let y = frame.top + 6 + 26 * Double(index)
      let end = frame.x(1e9 * part.1, scale) ?? frame.left
      drawing.text(part.0, frame.left - 6, y + 13, anchor: .end, style: "tick")
      drawing.bar(
        x: frame.left, y: y, width: end - frame.left, height: 18, style: index == 0 ? "one" : "two",
        title: "\(part.0): \((1e9 * part.1).significant) nJ")
    }
    return drawing.svg()
  }
}

extension Double {
  /// The nearest whole number, its digits in groups.
  var whole: String { magnitude < 9e15 ? Int(rounded()).grouped : scientific }
}
