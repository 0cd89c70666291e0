"""rocrate-validator without a network: validate.py CRATE [its options]

The validator asks for RO-Crate's JSON-LD context at its address. Its cache of web pages is given the one that the
package rocrate brings, and it is told to look nowhere else.
"""
import sys
from importlib.resources import files
from pathlib import Path

from requests_cache import CachedResponse, CachedSession
from rocrate_validator.cli import cli

CONTEXT = "https://w3id.org/ro/crate/1.1/context"

cache = str(Path(sys.prefix, "pages"))
with CachedSession(cache, backend="sqlite") as session:
    session.cache.save_response(
        CachedResponse(
            url=CONTEXT,
            headers={"Content-Type": "application/ld+json"},
            content=files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes(),
        )
    )
cli(["--disable-color", "--no-interactive", "validate", "--offline", "--cache-path", cache, *sys.argv[1:]])
