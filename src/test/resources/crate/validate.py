"""rocrate-validator without a network: validate.py CRATE [its options]

The validator asks for RO-Crate's JSON-LD context at its address. Its cache of web pages is given the one that the
package rocrate brings, under the address that it names itself, and it is told to look nowhere else.
"""
import json
import sys
from importlib.resources import files
from pathlib import Path

from requests_cache import CachedRequest, CachedResponse, CachedSession
from rocrate_validator.cli import cli

context = files("rocrate").joinpath("data/ro-crate.jsonld").read_bytes()
address = json.loads(context)["@id"]
pages = str(Path(sys.prefix, "pages"))
with CachedSession(pages, backend="sqlite") as session:
    session.cache.save_response(
        CachedResponse(
            request=CachedRequest(method="GET", url=address),
            url=address,
            status_code=200,
            headers={"Content-Type": "application/ld+json"},
            content=context,
        )
    )
cli(["--disable-color", "--no-interactive", "validate", "--offline", "--cache-path", pages, *sys.argv[1:]])
