"""Linux hosts, read over SSH or on this machine: one session, one batched script, nothing written on the host.

No key of a policy ever becomes script text, and no answer of a host is ever executed, rendered or trusted: it is
bytes until a parser has made readings of it.
"""
