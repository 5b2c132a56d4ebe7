import Counterspike
import CounterspikeData
import CounterspikeTraining

enum LibraryExample {
  /// The example in the README.
  static func run() throws -> Network {
    // begin
    var recipe = Recipe()
    recipe.network = try NetworkSettings("15C5-P2-40C5-P2-300-10", timeSteps: 5)
    recipe.gradient = .neighborhood()
    recipe.training.epochs = 3

    let data = try DataSet.load(recipe)
    let trainer = try Trainer(recipe, data)
    try trainer.run { event in
      if case .epochEnded(let epoch) = event { print(epoch.trainAccuracy) }
    }
    let network = try trainer.network()
    // end
    return network
  }

  /// The same with few samples of a data set in `folder`; gives the accuracies too.
  static func runShortly(folder: String) throws -> (network: Network, accuracies: [Double]) {
    var recipe = Recipe()
    recipe.network = try NetworkSettings("15C5-P2-40C5-P2-300-10", timeSteps: 5)
    recipe.gradient = .neighborhood()
    recipe.training.epochs = 3
    recipe.data.trainingLimit = 640
    recipe.data.testLimit = 200

    let data = try DataSet.load(recipe, folder: folder)
    let trainer = try Trainer(recipe, data)
    var accuracies: [Double] = []
    try trainer.run { event in
      if case .epochEnded(let epoch) = event { accuracies.append(epoch.trainAccuracy) }
    }
    return (try trainer.network(), accuracies)
  }
}
