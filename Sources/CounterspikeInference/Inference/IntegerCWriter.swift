internal import CounterspikeSettings

/// Writes an ``IntegerNetwork`` as C in the arithmetic of ``IntegerSession``: integers alone, `[C, H, W]`.
struct IntegerCWriter {
  private let network: IntegerNetwork
  private(set) var constantBytes = 0
  /// Numbers of 32 bits.
  private(set) var stateCount = 0
  private(set) var multiplyAdds = 0
  private var workCounts = (currents: 1, pooled: 1)
  private var constants: [String] = []
  private var calls: [String] = []
  private var pools = false

  init(_ network: IntegerNetwork) {
    self.network = network
    let inputs = network.inputShape.reduce(1, *)
    var values = state(inputs)
    calls.append(
      "  filter(input, \(inputs), \(network.inputDecay), \(network.inputLimit), \(values));")
    for layer in network.layers { values = write(layer, values) }
    calls.append(
      "  for (int i = 0; i < NETWORK_OUTPUTS; i++) output[i] = (\(values))[i];")
  }

  /// Bytes of a network's state and working memory.
  var stateBytes: Int { 4 * (stateCount + workCounts.currents + 2 * workCounts.pooled) }

  private mutating func state(_ count: Int) -> String {
    defer { stateCount += count }
    return "net->state + \(stateCount)"
  }

  private mutating func constant(
    _ layer: IntegerNetwork.Layer, _ role: String, _ values: [some FixedWidthInteger]
  ) -> String {
    // Layers whose names differ in such characters only have constants of their own.
    let name = CConstant.name("\(constants.count)_\(layer.name)_\(role)")
    let type = values.first?.bitWidth == 8 ? "int8_t" : "int32_t"
    constants.append(CConstant.array(type, name, values.map { "\($0)" }))
    constantBytes += values.count * (type == "int8_t" ? 1 : 4)
    return name
  }

  /// Writes the calls of a layer; returns where its values are.
  private mutating func write(_ layer: IntegerNetwork.Layer, _ from: String) -> String {
    let (product, neurons) = (layer.product, layer.neurons)
    let count = product.outputShape.reduce(1, *)
    let arguments =
      product.inputShape.map { "\($0)" } + [
        constant(layer, "weight", product.weights), constant(layer, "bias", product.bias),
      ] + (product.outputShape + [product.kernel.height, product.kernel.width]).map { "\($0)" }
      + [product.stride, product.padding, product.groups].map { "\($0)" }
    calls.append("  product(\(from), \(arguments.joined(separator: ", ")), net->currents);")
    multiplyAdds += product.outputShape[1] * product.outputShape[2] * product.weights.count
    workCounts.currents = max(workCounts.currents, count)
    let thresholds = constant(layer, "threshold", neurons.thresholds)
    let (v, a) = (state(count), state(count))
    let (kept, dropped) = (neurons.reset == .zero ? 0 : 1, neurons.reset == .subtraction ? 1 : 0)
    calls.append(
      "  neurons(net->currents, \(product.outputShape[0]), "
        + "\(product.outputShape[1] * product.outputShape[2]), \(neurons.membraneDecay), "
        + "\(neurons.synapticDecay), \(neurons.gain), \(thresholds), \(kept), \(dropped), \(v), \(a));"
    )
    var (values, shape) = (a, product.outputShape)
    for (index, pooling) in layer.poolings.enumerated() {
      pools = true
      let target = "net->pooled[\(index % 2)]"
      calls.append(
        "  pool(\(values), "
          + (shape + [pooling.height, pooling.width]).map { "\($0)" }.joined(separator: ", ")
          + ", \(pooling.isMaximum ? 0 : pooling.factor), \(target));")
      (values, shape) = (target, pooling.outputShape)
      workCounts.pooled = max(workCounts.pooled, shape.reduce(1, *))
    }
    return values
  }

  func header() -> String {
    """
    /* A spiking network in integers, written by Counterspike. C99; no allocation, no library, no floating
       point. */
    #ifndef NETWORK_H
    #define NETWORK_H

    #include <stdint.h>

    /* Numbers of one time step's input, [C, H, W] = \(network.inputShape), and outputs. */
    #define NETWORK_INPUTS \(network.inputShape.reduce(1, *))
    #define NETWORK_OUTPUTS \(network.classCount)

    /* Inputs and outputs are in units of 1 / NETWORK_UNIT; larger inputs than NETWORK_LIMIT are cut. */
    #define NETWORK_UNIT \(1 << network.fractionBits)
    #define NETWORK_LIMIT \(network.inputLimit)

    typedef struct {
      int32_t state[\(stateCount)];
      int32_t currents[\(workCounts.currents)];
      int32_t pooled[2][\(workCounts.pooled)];
    } network;

    /* Forgets all time steps. */
    void network_reset(network *net);

    /* Makes a time step. output: post-synaptic currents of the output neurons; the class is that of the
       largest sum over time, for which 64 bits are wide enough. */
    void network_step(network *net, const int32_t *input, int32_t *output);

    #endif

    """
  }

  func source() -> String {
    """
    #include "network.h"

    \(constants.joined(separator: "\n"))

    \(Self.functions)\(pools ? Self.pool : "")
    void network_reset(network *net) {
      for (int i = 0; i < \(stateCount); i++) net->state[i] = 0;
    }

    void network_step(network *net, const int32_t *input, int32_t *output) {
    \(calls.joined(separator: "\n"))
    }

    """
  }

  private static let functions = """
    /* round(x f / 2^15), of halves up; a shift to the right is defined for positive numbers alone. */
    static int32_t scaled(int32_t x, int32_t f) {
      const int64_t p = (int64_t)x * f + 16384;
      return (int32_t)(p >= 0 ? p >> 15 : -((-p + 32767) >> 15));
    }

    /* a = d a + (1 - d) x */
    static void filter(const int32_t *x, int n, int32_t d, int32_t limit, int32_t *a) {
      for (int i = 0; i < n; i++) {
        const int32_t cut = x[i] > limit ? limit : x[i] < -limit ? -limit : x[i];
        a[i] = scaled(a[i], d) + scaled(cut, 32768 - d);
      }
    }

    /* x [c, h, w], k [out, c / groups, kh, kw], y [out, rows, columns] */
    static void product(const int32_t *x, int c, int h, int w, const int8_t *k, const int32_t *bias,
                        int out, int rows, int columns, int kh, int kw, int stride, int padding,
                        int groups, int32_t *y) {
      const int inputs = c / groups, outputs = out / groups;
      for (int o = 0; o < out; o++) {
        const int32_t *first = x + o / outputs * inputs * h * w;
        for (int r = 0; r < rows; r++) {
          for (int q = 0; q < columns; q++) {
            int32_t sum = bias[o];
            for (int i = 0; i < inputs; i++) {
              for (int v = 0; v < kh; v++) {
                const int row = r * stride - padding + v;
                if (row < 0 || row >= h) continue;
                for (int u = 0; u < kw; u++) {
                  const int column = q * stride - padding + u;
                  if (column < 0 || column >= w) continue;
                  sum += k[((o * inputs + i) * kh + v) * kw + u] * first[(i * h + row) * w + column];
                }
              }
            }
            *y++ = sum;
          }
        }
      }
    }

    /* u = m v + c; a spike where u > theta; a = d a + gain s */
    static void neurons(const int32_t *y, int c, int pixels, int32_t m, int32_t d, int32_t gain,
                        const int32_t *theta, int32_t kept, int32_t dropped, int32_t *v, int32_t *a) {
      for (int i = 0; i < c * pixels; i++) {
        const int32_t limit = theta[i / pixels];
        const int32_t u = scaled(v[i], m) + y[i];
        const int fired = u > limit;
        v[i] = fired ? kept * u - dropped * limit : u;
        a[i] = scaled(a[i], d) + (fired ? gain : 0);
      }
    }

    """

  private static let pool = """

    /* Sums of windows times factor / 2^15; with the factor 0 the largest of each. */
    static void pool(const int32_t *x, int c, int h, int w, int kh, int kw, int32_t factor,
                     int32_t *y) {
      for (int i = 0; i < c; i++) {
        for (int r = 0; r < h / kh; r++) {
          for (int q = 0; q < w / kw; q++) {
            int32_t sum = 0;
            for (int v = 0; v < kh; v++) {
              for (int u = 0; u < kw; u++) {
                const int32_t value = x[(i * h + r * kh + v) * w + q * kw + u];
                if (factor) {
                  sum += value;
                } else if (value > sum) {
                  sum = value;
                }
              }
            }
            *y++ = factor ? scaled(sum, factor) : sum;
          }
        }
      }
    }

    """
}
