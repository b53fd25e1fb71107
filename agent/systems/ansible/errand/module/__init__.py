"""Modules of Ansible that run on hosts, and import nothing of ours."""
