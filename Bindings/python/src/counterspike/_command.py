"""The command `counterspike`, which comes with the package."""

from __future__ import annotations

import os
import ssl
import sys
from pathlib import Path


def main() -> None:
    """Becomes the command; its arguments are this program's."""
    path = Path(__file__).parent / "lib" / "counterspike"
    if not path.exists():
        sys.exit("counterspike: this package was made without the command; install it as a wheel")
    # The libraries that it brings look for certificates where another system has them.
    certificates = ssl.get_default_verify_paths().cafile
    if certificates:
        os.environ.setdefault("SSL_CERT_FILE", certificates)
    os.execv(path, [str(path), *sys.argv[1:]])
