package import CounterspikeKernels
internal import CounterspikeSettings
package import CounterspikeSystem

/// A layer of a program's own, one sample at one time step after the other.
package struct OwnLayerPass: ProgramPass {
  let step: Program.OwnLayer
  let input: FloatBuffer
  let output: FloatBuffer
  let gradient: FloatBuffer
  /// `nil` where nothing trains before it.
  let target: FloatBuffer?
  /// Two planes of the input: what a static one is at a time step, and the gradient with respect to it.
  let room: FloatBuffer

  package var stage: Int { step.stage }

  package func forward(_ run: ForwardRun, spikes: inout [Int]) throws(CounterspikeError) {
    let weights = step.parameter.map { run.parameters.weights($0) }
    forEachPlane(samples: run.samples) { t, row in
      compute(t, row, factor: step.factors[t], weights)
    }
    clear(output, step.places.output.count, run.samples)
    run.clock?.end(.forward, stage: stage)
  }

  /// Computes one plane.
  ///
  /// - Parameter factor: what a static input is multiplied by.
  package func compute(_ t: Int, _ row: Int, factor: Float, _ weights: FloatSlice?) {
    let weights = weights ?? room.slice(0, 0)
    let result = outputPlane(t, row)
    result.fill(0)
    scaled(inputPlane(step.isStill ? 0 : t, row), factor).withSpan { input in
      weights.withSpan { weights in
        result.withMutableSpan {
          step.model.forward(input, weights: weights, output: &$0, places: step.places)
        }
      }
    }
    silence(result, step.places.output)
  }

  package func backward(_ run: BackwardRun) throws(CounterspikeError) {
    let weights = step.parameter.map { run.parameters.weights($0) } ?? room.slice(0, 0)
    let ofWeights = step.parameter.map { run.gradients[$0] } ?? room.slice(0, 0)
    ofWeights.fill(0)
    let ofInput = room.slice(step.places.input.count, step.places.input.count)
    forEachPlane(samples: run.samples) { t, row in
      ofInput.fill(0)
      let plane = inputPlane(step.isStill ? 0 : t, row)
      scaled(plane, step.factors[t]).withSpan { input in
        weights.withSpan { weights in
          gradientPlane(t, row).withSpan { ofOutput in
            ofInput.withMutableSpan { ofInput in
              ofWeights.withMutableSpan {
                step.model.backward(
                  input, weights: weights, ofOutput: ofOutput, ofInput: &ofInput, ofWeights: &$0,
                  places: step.places)
              }
            }
          }
        }
      }
      guard let target, let place = step.target else { return }
      silence(ofInput, step.places.input)
      target.slice((t * step.rows + row) * ofInput.count, ofInput.count).set(
        ofInput, times: 1, adding: place.adds)
    }
    if let target, step.target?.adds == false {
      clear(target, step.places.input.count, run.samples)
    }
    run.clock?.end(.dataGradient, stage: stage)
  }

  // MARK: Planes

  private func forEachPlane(samples: Int, _ body: (_ t: Int, _ row: Int) -> Void) {
    for t in step.factors.indices {
      for row in 0..<samples { body(t, row) }
    }
  }

  private func inputPlane(_ t: Int, _ row: Int) -> FloatSlice {
    let count = step.places.input.count
    return input.slice((t * step.rows + row) * count, count)
  }

  private func outputPlane(_ t: Int, _ row: Int) -> FloatSlice {
    let count = step.places.output.count
    return output.slice((t * step.rows + row) * count, count)
  }

  private func gradientPlane(_ t: Int, _ row: Int) -> FloatSlice {
    let count = step.places.output.count
    return gradient.slice((t * step.rows + row) * count, count)
  }

  /// A static input at a time step.
  private func scaled(_ plane: FloatSlice, _ factor: Float) -> FloatSlice {
    guard step.isStill else { return plane }
    let result = room.slice(0, plane.count)
    result.copy(from: plane, times: factor)
    return result
  }

  /// Channels that pad hold zeros.
  private func silence(_ values: FloatSlice, _ plane: LayerPlaces.Plane) {
    guard plane.stride > plane.channels else { return }
    for pixel in 0..<plane.height * plane.width {
      values.slice(pixel * plane.stride + plane.channels, plane.stride - plane.channels).fill(0)
    }
  }

  /// Rows that pad the micro-batch hold zeros.
  private func clear(_ values: FloatBuffer, _ plane: Int, _ samples: Int) {
    guard samples < step.rows else { return }
    for t in step.factors.indices {
      values.slice((t * step.rows + samples) * plane, (step.rows - samples) * plane).fill(0)
    }
  }
}
