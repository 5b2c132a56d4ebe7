import Counterspike
import Foundation
import Testing

@Suite("Conformance")
struct ConformanceTests {
  static let files = [
    "na_kernel_T5_tm5_ts2", "na_kernel_T10_tm5_ts3", "na_kernel_T30_tm8_ts4",
    "na_kernel_T100_tm20_ts5", "na_network_T5",
  ]

  static func path(_ name: String) throws -> String {
    try #require(
      Bundle.module.url(
        forResource: name, withExtension: "safetensors", subdirectory: "Golden")
    ).path
  }

  @Test("every golden tensor is reproduced within its limit", arguments: files)
  func golden(file: String) throws {
    let rows = try Conformance.check(Self.path(file))
    #expect(rows.count >= 10)
    for row in rows {
      #expect(row.passes, "\(row.tensor): error \(row.error), limit \(row.limit)")
    }
  }
}
