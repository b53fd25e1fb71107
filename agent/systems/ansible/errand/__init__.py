"""What we run on hosts ourselves: a module for Ansible, which reads files and puts files back.

`module/` runs on the host, with the Python there, and imports nothing of ours; of Ansible it imports what is made for
modules and runs there (`ansible.module_utils`, under the BSD license). Nothing that a host or a file says is ever a
template, a shell's word or an output; see errands.py.
"""
