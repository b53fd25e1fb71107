"""OneRoster archives (1.1 and 1.2, CSV binding): people, classes and schools as a student information system has them.

Nothing is ever unpacked to disk, and no name in an archive is used as a path.
"""
