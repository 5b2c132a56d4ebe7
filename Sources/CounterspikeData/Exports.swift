// Whoever loads data sets sees the files, samples and entries of the catalog that they are made of.
@_exported public import CounterspikeCatalog
@_exported public import CounterspikeFormats
@_exported public import CounterspikeSamples
