// What `import Counterspike` gives.

@_exported public import CounterspikeEngine
@_exported public import CounterspikeInference
@_exported public import CounterspikeNetwork
@_exported public import CounterspikeRecipe
@_exported public import CounterspikeSettings
@_exported public import CounterspikeSystem
