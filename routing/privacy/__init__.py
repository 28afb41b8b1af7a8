"""Which text may go to which lane.

tier.py           the three tiers and a verdict with its reason
privacy.py        the face: the tier of a file, and what of a request may go to a lane
sources.py        pieces of text with where they come from
diffs.py          a diff taken apart by file
lately.py         the same as of a moment ago, for who must not wait for the disk
policy_files.py   .aiexclude, .gitignore and their like, read again when they change
excluding.py      what the files of one tree say of a path in it
leaving_out.py    which files no index should hold
sensitive.py      file names that never leave this machine unless a person says so
"""
