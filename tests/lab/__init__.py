"""A lab of real Debian hosts: systemd in containers, each with a network namespace and an sshd of its own.

Nothing here may leave a trace on the machine: what a lab makes is named after the lab, and a lab whose owner died is
taken down by the next one.
"""
