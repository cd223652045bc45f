"""TLS towards the API server, from files that may vanish once they are read."""

from __future__ import annotations

import logging
import ssl
from typing import Any

import urllib3
from urllib3.exceptions import InsecureRequestWarning

from statusbot.text import redact

log = logging.getLogger(__name__)


def context(configuration: Any) -> ssl.SSLContext:
    """A context with everything of a ``kubernetes`` Configuration loaded into it.

    urllib3 would read certificate and key again for each new connection; so read them once, and
    the temporary files of a kubeconfig's ``client-key-data`` can go. ``OSError`` (``ssl.SSLError``
    is one) when a file does not hold what it should.
    """
    tls = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    if configuration.ssl_ca_cert:
        # Python 3.13 wants extensions that the CAs of many clusters lack; kubectl does not.
        tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not configuration.verify_ssl:
        tls.check_hostname = False
        tls.verify_mode = ssl.CERT_NONE
        # Once, and in our words; urllib3's come with each connection, as lines of its source.
        log.warning("%s: its certificate is not verified", redact(configuration.host))
        urllib3.disable_warnings(InsecureRequestWarning)
    if configuration.cert_file:
        # With an empty password an encrypted key is an error; without one it would be a prompt.
        tls.load_cert_chain(configuration.cert_file, configuration.key_file, password="")
    return tls


def install(pool: Any, tls: ssl.SSLContext) -> None:
    """Make a urllib3 pool manager use ``tls`` in place of the files that it was made with."""
    for key in ("ca_certs", "cert_file", "key_file", "cert_reqs", "ca_cert_data"):
        pool.connection_pool_kw.pop(key, None)
    pool.connection_pool_kw["ssl_context"] = tls
