"""Services, asked from this machine: ports, certificates, pages, names and pings, all side by side.

Nothing here can hang a look: every sample and every check has a deadline that needs no help from what is asked.
What a service says is bytes until a parser has made readings of it; it is never executed, rendered or trusted.

What counts as what (LANGUAGE.md, "Three states"):

- A refusal, a silence and a broken answer are readings: the sample failed, and `up` is false where half of them did.
- Trouble of this machine's own (no route, no resolver, no list of trusted authorities) proves nothing about the
  service: what rests on it is unknown, with the reason.
- What only an answer could have told (a status, an expiry date, the answers to a name) is unknown without one:
  a certificate that was not shown still has a date. Only `latency` is none then, as the kind says.
- A field of another sort of check is none, and so are the tls fields where no TLS is spoken.
"""
