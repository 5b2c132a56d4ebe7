// What all tests share is known in every file of these.
@_exported public import TestSupport
