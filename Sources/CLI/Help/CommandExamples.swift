/// Examples for the help of every command and for the manual, with what each of them does.
enum CommandExamples {
  struct Example {
    let line: String
    let purpose: String

    init(_ line: String, _ purpose: String) {
      self.line = line
      self.purpose = purpose
    }
  }

  /// By the words behind `counterspike`, joined by spaces.
  static let all: [(command: String, examples: [Example])] = [
    (
      "",
      [
        Example("counterspike train yin-yang", "trains within seconds, without any data"),
        Example("counterspike recipe keys timeSteps", "explains a setting"),
      ]
    ),
    (
      "train",
      [
        Example("counterspike train mnist --epochs 3", "a recipe by name; MNIST is downloaded"),
        Example("counterspike train --set gradient.rule=surrogate", "another rule"),
        Example(
          "counterspike train my-recipe.yaml --seed 7 --output runs/seven", "your own recipe"),
        Example("counterspike train --resume runs/seven", "continues a run"),
      ]
    ),
    (
      "evaluate",
      [
        Example("counterspike evaluate runs/seven", "accuracy and confusion matrix"),
        Example("counterspike evaluate runs/seven --split training --json", "as JSON"),
      ]
    ),
    (
      "predict",
      [
        Example("counterspike predict runs/seven cat.png dog.jpg", "classes of new images"),
        Example(
          "counterspike predict runs/seven recordings/*.bin --csv", "of recordings, as a table"),
        Example("counterspike predict runs/seven - < cat.png", "of standard input"),
      ]
    ),
    (
      "export",
      [
        Example("counterspike export runs/seven --nir seven.nir", "for other programs"),
        Example("counterspike export runs/seven --state-dict seven.pt.safetensors", "for PyTorch"),
        Example("counterspike export runs/seven --c seven-c", "for a microcontroller"),
        Example("counterspike export runs/seven --c seven-int8 --int8", "… without floating point"),
      ]
    ),
    (
      "import",
      [
        Example("counterspike import net.nir --recipe mnist", "a checkpoint of it"),
        Example(
          "counterspike import weights.safetensors --recipe my.yaml --input-shape 1,28,28",
          "weights of PyTorch"),
      ]
    ),
    (
      "verify",
      [
        Example(
          "counterspike verify runs/seven", "recipe, metrics and checkpoints against their sums")
      ]
    ),
    (
      "runs",
      [
        Example("counterspike runs", "the runs in the folder runs"),
        Example("counterspike runs --sort accuracy --filter state=finished", "the finished ones"),
      ]
    ),
    (
      "report",
      [
        Example("counterspike report runs/seven", "writes runs/seven/report.html"),
        Example(
          "counterspike report runs/seven runs/eight --html both.html", "one page on two runs"),
      ]
    ),
    (
      "compare",
      [
        Example(
          "counterspike compare runs/seven runs/eight", "what differs, in settings and results")
      ]
    ),
    (
      "sweep",
      [
        Example(
          "counterspike sweep yin-yang --over network.timeSteps=5,10 --over seed=1..3",
          "six trainings, summed up over seeds"),
        Example("counterspike sweep --resume runs/sweep", "goes on with one"),
      ]
    ),
    (
      "inspect",
      [
        Example("counterspike inspect mnist", "layers, weights and memory"),
        Example(
          "counterspike inspect --set network.layers=32C5p2-P2-10 --threads 8", "of another network"
        ),
      ]
    ),
    (
      "audit",
      [
        Example("counterspike audit mnist", "the rules on the initial weights"),
        Example("counterspike audit runs/seven --html audit.html", "with plots"),
      ]
    ),
    (
      "diagnose",
      [
        Example("counterspike diagnose my-recipe.yaml", "before a training"),
        Example("counterspike diagnose runs/seven --json", "a run, as JSON"),
      ]
    ),
    (
      "bench",
      [
        Example("counterspike bench --set network.timeSteps=30", "synthetic samples"),
        Example("counterspike bench nmnist --own-data --data FOLDER", "your data"),
      ]
    ),
    (
      "experiment single-neuron",
      [Example("counterspike experiment single-neuron --rounds 20 --svg losses.svg", "a short one")]
    ),
    (
      "conformance",
      [Example("counterspike conformance golden.safetensors", "another program's numbers")]
    ),
    (
      "quantize",
      [
        Example("counterspike quantize runs/seven", "accuracy and spikes in integers"),
        Example(
          "counterspike quantize runs/seven --bits 4 --output seven.safetensors",
          "4 bits, as a file"),
        Example(
          "counterspike quantize runs/seven --bits 4 --finetune --epochs 2",
          "trains on with rounded weights first"),
      ]
    ),
    (
      "data",
      [
        Example("counterspike data list", "what is known, and where it is"),
        Example("counterspike data show yin-yang#3", "draws a sample"),
      ]
    ),
    ("data list", [Example("counterspike data list --json", "with licences and sources")]),
    ("data fetch", [Example("counterspike data fetch mnist", "downloads and checks it")]),
    ("data verify", [Example("counterspike data verify mnist", "reads all of it")]),
    ("data info", [Example("counterspike data info recording.csv", "events, size, duration")]),
    (
      "data show",
      [
        Example("counterspike data show mnist#7 --output seven.svg", "as a file"),
        Example("counterspike data show recording.csv --frames 3", "a recording"),
      ]
    ),
    (
      "recipe",
      [
        Example("counterspike recipe show mnist", "every setting"),
        Example("counterspike recipe diff mnist my-recipe.yaml", "what differs"),
      ]
    ),
    (
      "recipe show",
      [Example("counterspike recipe show mnist --set seed=2", "a recipe to begin with")]
    ),
    (
      "recipe keys",
      [
        Example("counterspike recipe keys network.layers", "the notation of layers"),
        Example("counterspike recipe keys optimizer", "a section"),
      ]
    ),
    ("recipe check", [Example("counterspike recipe check my-recipe.yaml", "exit status 0 or 78")]),
    ("recipe diff", [Example("counterspike recipe diff mnist runs/seven", "a recipe and a run")]),
  ]

  static func examples(for command: [String]) -> [Example] {
    all.first { $0.command == command.joined(separator: " ") }?.examples ?? []
  }

  /// The lines below a command's help.
  static func text(for command: [String]) -> String {
    let examples = examples(for: command)
    guard !examples.isEmpty else { return "" }
    return "\n\nEXAMPLES:\n"
      + examples.map { "  \($0.line)\n      \($0.purpose)" }.joined(separator: "\n")
  }
}
