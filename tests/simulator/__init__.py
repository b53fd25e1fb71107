"""A district of thousands of devices through a school year in minutes, with everything that goes wrong.

The world keeps its own truth and knows nothing of the product; the product sees it through `model.ports` and files.
"""
