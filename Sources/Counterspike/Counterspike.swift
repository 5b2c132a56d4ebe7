// What `import Counterspike` gives: the modules below, in the order in which they build on each other.

@_exported public import CounterspikeRecipe
@_exported public import CounterspikeSettings
@_exported public import CounterspikeSystem
