public import CounterspikeSettings
public import CounterspikeSystem

// Every setting has its allowed values once, in the tables of keys; here they are checked where settings
// enter the library by another way than a recipe's text.

extension RecipeSection {
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  fileprivate func validate(at name: String) throws(CounterspikeError) {
    do {
      try check(at: .root + name)
    } catch {
      throw CounterspikeError(.invalidRecipe, error.message, remedy: .changeSetting)
    }
  }
}

extension DataSettings {
  /// Checks every setting's range.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) { try validate(at: "data") }
}

extension EventSettings {
  /// Checks every setting's range.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) { try validate(at: "data.events") }
}

extension NetworkSettings {
  /// Checks every setting's range.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) { try validate(at: "network") }

  /// Checks a number of time steps that does not come from a recipe.
  ///
  /// - Throws: `invalidRecipe`, as for the recipe's key.
  package static func validate(timeSteps: Int) throws(CounterspikeError) {
    var settings = NetworkSettings()
    settings.timeSteps = timeSteps
    try settings.validate()
  }
}

extension GradientSettings {
  /// Checks every setting's range.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) { try validate(at: "gradient") }
}

extension OptimizerSettings {
  /// Checks every setting's range.
  ///
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate() throws(CounterspikeError) { try validate(at: "optimizer") }
}

extension LossSettings {
  /// Checks every setting's range, for a network of `timeSteps`.
  ///
  /// - Parameter classCount: the network's output neurons, where they are known.
  /// - Throws: `invalidRecipe` naming the key path, what was found and what is allowed.
  public func validate(
    timeSteps: Int, classCount: Int? = nil
  ) throws(CounterspikeError) {
    do {
      try check(at: .root + "loss")
      try check(timeSteps: timeSteps, classCount: classCount, at: .root + "loss")
    } catch {
      throw CounterspikeError(.invalidRecipe, error.message)
    }
  }
}
