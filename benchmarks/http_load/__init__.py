"""Suite http: a running ``./trades up`` under load that does not wait for answers, beside the bare cost of them."""

from benchmarks.http_load.suite import RATES, SECONDS, URL, Asked, asked, run_http
from benchmarks.http_load.telling import tell_http, write_pictures

__all__ = ["RATES", "SECONDS", "URL", "Asked", "asked", "run_http", "tell_http", "write_pictures"]
