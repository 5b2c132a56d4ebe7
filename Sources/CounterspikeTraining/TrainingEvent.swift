public import Counterspike

/// What a trainer tells while it works; plain values, for progress lines, logs and tests.
public enum TrainingEvent: Sendable {
}
