import Counterspike

/// A factor 1 + w for each channel, with a trained w that begins with 0.
struct Gain: LayerModel {
  let outputShape: [Int]

  var weightShape: [Int] { [outputShape[0]] }
  var weightScale: Float { 0 }

  func forward(
    _ input: Span<Float>, weights: Span<Float>, output: inout MutableSpan<Float>,
    places: LayerPlaces
  ) {
    let plane = places.input
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        for channel in 0..<plane.channels {
          output[places.output.place(channel, y, x)] =
            (1 + weights[channel]) * input[plane.place(channel, y, x)]
        }
      }
    }
  }

  func backward(
    _ input: Span<Float>, weights: Span<Float>, ofOutput: Span<Float>,
    ofInput: inout MutableSpan<Float>, ofWeights: inout MutableSpan<Float>, places: LayerPlaces
  ) {
    let plane = places.input
    for y in 0..<plane.height {
      for x in 0..<plane.width {
        for channel in 0..<plane.channels {
          let here = plane.place(channel, y, x)
          let gradient = ofOutput[places.output.place(channel, y, x)]
          ofInput[here] = (1 + weights[channel]) * gradient
          ofWeights[channel] += input[here] * gradient
        }
      }
    }
  }
}

/// A matrix product: the built-in dense layer, written again.
struct Product: LayerModel {
  let inputShape: [Int]
  let size: Int

  var outputShape: [Int] { [size, 1, 1] }
  var weightShape: [Int] { [size, inputShape[0] * inputShape[1] * inputShape[2]] }

  func forward(
    _ input: Span<Float>, weights: Span<Float>, output: inout MutableSpan<Float>,
    places: LayerPlaces
  ) {
    var weight = 0
    for neuron in 0..<size {
      var sum: Float = 0
      for channel in 0..<inputShape[0] {
        for y in 0..<inputShape[1] {
          for x in 0..<inputShape[2] {
            sum += weights[weight] * input[places.input.place(channel, y, x)]
            weight += 1
          }
        }
      }
      output[neuron] = sum
    }
  }

  func backward(
    _ input: Span<Float>, weights: Span<Float>, ofOutput: Span<Float>,
    ofInput: inout MutableSpan<Float>, ofWeights: inout MutableSpan<Float>, places: LayerPlaces
  ) {
    var weight = 0
    for neuron in 0..<size {
      for channel in 0..<inputShape[0] {
        for y in 0..<inputShape[1] {
          for x in 0..<inputShape[2] {
            let place = places.input.place(channel, y, x)
            ofInput[place] += weights[weight] * ofOutput[neuron]
            ofWeights[weight] += input[place] * ofOutput[neuron]
            weight += 1
          }
        }
      }
    }
  }
}
