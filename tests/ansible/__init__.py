"""Tests of running playbooks: with the real Ansible, on local connections, over sshd, and on hosts of the lab."""
