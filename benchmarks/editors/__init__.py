"""What the plugins cost in the real editors.

nvim.py     Neovim
vscode.py   VS Code: activation, bundle, from a key to ghost text
tap.py      a server with a clock before it: when a suggestion was asked for, and when it was answered
"""
