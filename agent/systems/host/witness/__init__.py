"""Who else writes: questions to a host on which something keeps changing back, and what its answers tell.

Asked of quarantined resources alone, with the reading account. Nothing here may write on a host, and what a host says
is data: paths travel as the keys of probes do, and no text of a command line is repeated, as it may hold a password.
"""
