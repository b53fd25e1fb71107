"""The service as a server has it: the unit that systemd runs, install-service, and the Debian package."""
