"""Small playbooks for tests: each does one plain thing."""

from __future__ import annotations

WRITE = """\
- name: Write a file
  hosts: all
  gather_facts: false
  tasks:
    - name: Write it
      ansible.builtin.copy: {dest: "{{ path }}", content: "{{ text }}", mode: "0644"}
"""

LIE = """\
- name: Claim a change
  hosts: all
  gather_facts: false
  tasks:
    - name: Change nothing that matters
      ansible.builtin.copy: {dest: "{{ path }}.other", content: "{{ text }}", mode: "0644"}
"""

FAIL_ON_ONE = """\
- name: Fail on one host of several
  hosts: all
  gather_facts: false
  tasks:
    - name: Break here
      ansible.builtin.fail: {msg: "this host cannot"}
      when: inventory_hostname == unlucky
    - name: Write it
      ansible.builtin.copy: {dest: "{{ path }}", content: "{{ text }}", mode: "0644"}
"""

SLOW = """\
- name: Take long
  hosts: all
  gather_facts: false
  tasks:
    - name: Say that it began
      ansible.builtin.copy: {dest: "{{ path }}.began", content: "x", mode: "0644"}
    - name: Wait
      ansible.builtin.command: sleep 300
"""
