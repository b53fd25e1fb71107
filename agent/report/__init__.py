"""From a `Run` to what people and programs read: JSON, terminal, text, HTML and mail.

Nothing here decides, reads a system or changes a run. All that comes from outside (names, readings, reasons) passes
through `plain` before it is laid out, and no sensitive value leaves through this room.
"""
