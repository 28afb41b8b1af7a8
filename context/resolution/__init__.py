"""What a name in one file means in another: imports become files, names become definitions.

resolver.py      the face: targets of an import, the meaning of a name, all names an import makes visible
module.py        what an import names before a name is taken from it
table.py         one file's facts, arranged for look-ups
rules.py         what one language must answer; the defaults
registry.py      which rules serve which language
paths.py         paths that never leave the workspace
packages.py      files by the package or namespace they declare
python.py        modules, packages, stubs; python_roots.py: the folders that absolute imports start from
javascript.py    JavaScript and TypeScript; node_packages.py: package.json; tsconfig.py: paths and base folders;
                 lenient_json.py: JSON as those files are written
go.py, rust.py (rust_crates.py: Cargo's packages), java.py, c.py, csharp.py, php.py, ruby.py, lua.py, bash.py
"""
