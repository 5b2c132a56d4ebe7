/// The functions of C that networks are made of; each is written where a network needs it.
enum CFunctions: String, CaseIterable {
  case filter, convolution, dense, lateral, copy, add, neurons, readout, delay
  case neuronsByChannel = "neurons_by_channel"
  case readoutByChannel = "readout_by_channel"
  case poolSum = "pool_sum"
  case poolMaximum = "pool_maximum"

  var text: String {
    switch self {
    case .filter:
      """
      /* a = d a + (1 - d) x */
      static void filter(const float *x, int n, float d, float *a) {
        for (int i = 0; i < n; i++) a[i] = d * a[i] + (1.0f - d) * x[i];
      }

      """
    case .convolution:
      """
      /* x [c, h, w], k [out, c / groups, size, size], y [out, ...] */
      static void convolution(const float *x, int c, int h, int w, const float *k, const float *bias,
                              int out, int size, int stride, int padding, int groups, float *y) {
        const int rows = (h + 2 * padding - size) / stride + 1;
        const int columns = (w + 2 * padding - size) / stride + 1;
        const int inputs = c / groups, outputs = out / groups;
        for (int o = 0; o < out; o++) {
          const float *first = x + o / outputs * inputs * h * w;
          for (int r = 0; r < rows; r++) {
            for (int q = 0; q < columns; q++) {
              float sum = 0;
              for (int i = 0; i < inputs; i++) {
                for (int v = 0; v < size; v++) {
                  const int row = r * stride - padding + v;
                  if (row < 0 || row >= h) continue;
                  for (int u = 0; u < size; u++) {
                    const int column = q * stride - padding + u;
                    if (column < 0 || column >= w) continue;
                    sum += k[((o * inputs + i) * size + v) * size + u] *
                           first[(i * h + row) * w + column];
                  }
                }
              }
              y[(o * rows + r) * columns + q] = sum + (bias ? bias[o] : 0.0f);
            }
          }
        }
      }

      """
    case .dense:
      """
      /* y = k x + bias, k [out, n] */
      static void dense(const float *x, int n, const float *k, const float *bias, int out, float *y) {
        for (int o = 0; o < out; o++) {
          float sum = 0;
          for (int i = 0; i < n; i++) sum += k[o * n + i] * x[i];
          y[o] = sum + (bias ? bias[o] : 0.0f);
        }
      }

      """
    case .lateral:
      """
      /* y += k x, x of the step before */
      static void lateral(const float *x, int n, const float *k, float *y) {
        for (int o = 0; o < n; o++) {
          float sum = 0;
          for (int i = 0; i < n; i++) sum += k[o * n + i] * x[i];
          y[o] += sum;
        }
      }

      """
    case .copy:
      """
      static void copy(const float *x, int n, float *y) {
        for (int i = 0; i < n; i++) y[i] = x[i];
      }

      """
    case .add:
      """
      static void add(const float *x, int n, float *y) {
        for (int i = 0; i < n; i++) y[i] += x[i];
      }

      """
    case .neurons:
      """
      /* u = m v + c; a spike where u > theta + beta b; a = d a + (1 - d) s */
      static void neurons(const float *c, int n, float m, float d, float theta, float kept,
                          float dropped, float beta, float rho, float *v, float *b, float *a) {
        for (int i = 0; i < n; i++) {
          const float u = m * v[i] + c[i];
          const int fired = u > (b ? theta + beta * b[i] : theta);
          v[i] = fired ? kept * u - dropped * theta : u;
          if (b) b[i] = rho * b[i] + (fired ? 1.0f - rho : 0.0f);
          a[i] = d * a[i] + (fired ? 1.0f - d : 0.0f);
        }
      }

      """
    case .readout:
      """
      /* u = m u + c */
      static void readout(const float *c, int n, float m, float *u) {
        for (int i = 0; i < n; i++) u[i] = m * u[i] + c[i];
      }

      """
    case .neuronsByChannel:
      """
      /* Each channel has m, d and theta of its own. */
      static void neurons_by_channel(const float *c, int channels, int pixels, const float *m,
                                     const float *d, const float *theta, float kept, float dropped,
                                     float beta, float rho, float *v, float *b, float *a) {
        for (int i = 0; i < channels; i++) {
          const int first = i * pixels;
          neurons(c + first, pixels, m[i], d[i], theta[i], kept, dropped, beta, rho, v + first,
                  b ? b + first : b, a + first);
        }
      }

      """
    case .readoutByChannel:
      """
      /* Each channel has m of its own. */
      static void readout_by_channel(const float *c, int channels, int pixels, const float *m,
                                     float *u) {
        for (int i = 0; i < channels; i++) {
          readout(c + i * pixels, pixels, m[i], u + i * pixels);
        }
      }

      """
    case .delay:
      """
      /* Each channel arrives steps[channel] later; ring: the values of the last `length` steps. */
      static void delay(const float *x, int c, int pixels, const float *steps, int length,
                        unsigned long t, float *ring, float *y) {
        const int n = c * pixels;
        const int place = (int)(t % (unsigned long)length);
        for (int i = 0; i < n; i++) ring[place * n + i] = x[i];
        for (int i = 0; i < n; i++) {
          const float by = steps[i / pixels];
          const int whole = (int)by;
          const float rest = by - (float)whole;
          float now = 0, before = 0;
          if (t >= (unsigned long)whole) now = ring[(place - whole + length) % length * n + i];
          if (t > (unsigned long)whole) {
            before = ring[(place - whole - 1 + length) % length * n + i];
          }
          y[i] = (1.0f - rest) * now + rest * before;
        }
      }

      """
    case .poolSum:
      """
      static void pool_sum(const float *x, int c, int h, int w, int kh, int kw, float factor,
                           float *y) {
        for (int i = 0; i < c; i++) {
          for (int r = 0; r < h / kh; r++) {
            for (int q = 0; q < w / kw; q++) {
              float sum = 0;
              for (int v = 0; v < kh; v++) {
                for (int u = 0; u < kw; u++) sum += x[(i * h + r * kh + v) * w + q * kw + u];
              }
              *y++ = sum * factor;
            }
          }
        }
      }

      """
    case .poolMaximum:
      """
      static void pool_maximum(const float *x, int c, int h, int w, int kh, int kw, float *y) {
        for (int i = 0; i < c; i++) {
          for (int r = 0; r < h / kh; r++) {
            for (int q = 0; q < w / kw; q++) {
              float largest = x[(i * h + r * kh) * w + q * kw];
              for (int v = 0; v < kh; v++) {
                for (int u = 0; u < kw; u++) {
                  const float value = x[(i * h + r * kh + v) * w + q * kw + u];
                  if (value > largest) largest = value;
                }
              }
              *y++ = largest;
            }
          }
        }
      }

      """
    }
  }
}
