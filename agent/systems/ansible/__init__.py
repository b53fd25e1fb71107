"""Playbooks, run by Ansible as a program: over exactly the named hosts, with nothing left behind.

Nothing here imports Ansible; ansible-runner is imported by runner.py alone. Nothing of a run may outlive it: no
process, no file, no secret in plain text. `read.py` rehearses in check mode, `write.py` writes.
"""
