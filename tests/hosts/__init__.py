"""Reading hosts: parsers on transcripts, the script in real shells, and real sshds in the lab."""
