"""The kind `service`: something that must answer over the network, asked from this machine several times a look.

A field of another sort of check than the service's own is none: a name that is looked up has no certificate. The
fields of its own sort are unknown where nothing answered; only `up` says false then.
"""

from __future__ import annotations

from agent.catalog.words import worded
from agent.model.kind import Field, FieldType, Kind, Link

SERVICE = Kind(
    name="service",
    description="A service that is asked from this machine: a port, a certificate, a page, a name, or a host.",
    fields=(
        worded(
            "check", ("tcp", "tls", "http", "dns", "ping"), after=".", before="The sort of check: ", only_words=True
        ),
        Field("target", FieldType.TEXT, "What is asked: host and port, an address, or a name."),
        Field("site", FieldType.TEXT, "The school it belongs to, by its key in district.yaml; none for the district."),
        Field(
            "up",
            FieldType.BOOLEAN,
            "Whether more than half of the samples were answered. Unknown where this machine itself has no network.",
        ),
        Field("failed_percent", FieldType.PERCENT, "The share of samples without an answer.", unit="%"),
        Field("latency", FieldType.NUMBER, "The median time to the answer; none without one.", unit="milliseconds"),
        Field("tls.expires", FieldType.TIME, "When the certificate ends; none where no TLS is spoken."),
        Field("tls.name_matches", FieldType.BOOLEAN, "Whether the certificate is for the name that was asked."),
        Field(
            "tls.chain_valid", FieldType.BOOLEAN, "Whether the certificate leads to an authority that is trusted here."
        ),
        Field("tls.issuer", FieldType.TEXT, "Who signed the certificate, as RFC 4514 text."),
        Field("tls.version", FieldType.TEXT, "The version of TLS that was agreed on, such as `TLSv1.3`."),
        Field("http.status", FieldType.NUMBER, "The status of the answer, behind at most 5 redirects."),
        Field("http.body", FieldType.TEXT, "The first 64 KiB of the page, as text; unknown where it is not text."),
        Field("http.location", FieldType.TEXT, "The address where the redirects ended."),
        Field("dns.answers", FieldType.LIST, "The answers to the name; an empty list where there is no such name."),
        Field(
            "dns.blocked",
            FieldType.BOOLEAN,
            "Whether a filter answers in the name's place: no such name, refused, or an address that it blocks with. "
            "Unknown where the server does not answer, or knows the name and has no such record.",
        ),
    ),
    links=(Link("site", "site", (("site", "id"),), "Its school."),),
)
