"""How the exports of each product name their columns, and what their words mean. Facts as data, no behaviour.

Headers are compared without case, blanks and underscores: `Asset Tag` stands for `asset_tag`, too. Several maps of
one field are asked in turn: the first that says something counts, and a meaning of nothing leaves it to the next.
"""
