"""SSH signatures, made and verified by the program `ssh-keygen`; nothing here decides whose signature counts.

Source: https://man.openbsd.org/ssh-keygen ("-Y sign", "-Y verify", ALLOWED SIGNERS)
"""
