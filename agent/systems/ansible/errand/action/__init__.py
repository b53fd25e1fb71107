"""Actions of Ansible that run here, beside it."""
