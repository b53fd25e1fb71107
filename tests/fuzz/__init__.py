"""Documents that are wrong in every way, through the real loader and the formatter: no hang, no flood, no bug."""
