/// A page that needs nothing beside itself; it is well-formed XML.
struct Page {
  let title: String
  /// Beyond those of all pages.
  var styles = ""
  /// The elements of the body.
  let body: String
  /// Beyond that of all pages.
  var script = ""

  /// What the head of each page of ours has.
  static let mark = "<meta name=\"generator\" content=\"counterspike\"/>"

  var html: String {
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
