"""What we run on hosts ourselves: an action and a module for Ansible, which reads files and puts files back.

`module/` runs on the host, with the Python there, and imports nothing of ours. Nothing that a host or a file says is
ever a template, a shell's word or an event: what is asked and answered are files of the run's own folder.
"""
