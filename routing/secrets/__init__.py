"""Keys and passwords in text: found, and hidden from models elsewhere.

scan.py        the face: text becomes a list of secrets
seen.py        which marks stand in a text, all looked for at once
classes.py     a text as classes of characters, where the rest is found several times as fast
words.py       its long words with a digit
tokens.py      formats that say by themselves whose key it is
vendors.py     formats that are only a key beside the vendor's name
assigned.py    a value beside a key's name: `password = "…"`, `API_KEY=…`
blocks.py      private keys, logins in addresses, headers, manifests
joining.py     keys split over adjacent literals and lines
encoded.py     keys in base64
randomness.py  whether a value looks drawn by lot
veil.py        secrets replaced by placeholders on the way out and put back on the way in
coverage.py    which public kinds are covered by which rule; docs/secrets.md is written from it
"""
