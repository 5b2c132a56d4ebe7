/// A page that needs nothing beside itself; it is well-formed XML.
package struct Page {
  let title: String
  /// Beyond those of all pages.
  let styles: String
  /// The elements of the body.
  let body: String
  /// Beyond that of all pages.
  let script: String

  package init(title: String, styles: String = "", body: String, script: String = "") {
    self.title = title
    self.styles = styles
    self.body = body
    self.script = script
  }

  /// What the head of each page of ours has.
  package static let mark = "<meta name=\"generator\" content=\"counterspike\"/>"

  package var html: String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    \(Self.mark)
    <title>\(title.escaped)</title>
    <style>\(Drawing.styles)\(PageStyle.styles)\(styles)</style></head><body>
    \(body)
    <script>
    \(PageStyle.script)
    \(script)
    </script>
    </body></html>

    """
  }
}
