"""Files that hold keys and passwords by their name: they stay on this machine unless a person lets them go."""

from __future__ import annotations

import re

SENSITIVE = (
    # environments and settings with credentials
    ".env",
    ".env.*",
    "*.env",
    ".envrc",
    "secrets.*",
    "secret.*",
    "*.secret",
    "*.secrets",
    "credentials.*",
    "local.settings.json",
    "appsettings.*.json",
    "terraform.tfvars",
    "*.auto.tfvars",
    "*.tfstate",
    "*.tfstate.*",
    ".vault_pass*",
    "vault-password*",
    # private keys and key stores
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.p8",
    "*.pkcs12",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
    "*.asc",
    "*.gpg",
    "*.age",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "id_xmss*",
    "ssh_host_*_key",
    # logins of tools
    ".npmrc",
    ".yarnrc",
    ".yarnrc.yml",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".htpasswd",
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    ".dockercfg",
    ".docker/config.json",
    ".aws/",
    ".azure/",
    ".ssh/",
    ".gnupg/",
    ".kube/",
    "kubeconfig",
    "*.kubeconfig",
    ".gcloud/",
    "service-account*.json",
    "service_account*.json",
    "*-credentials.json",
    "*_credentials.json",
    "client_secret*.json",
    ".s3cfg",
    ".boto",
    ".terraformrc",
    "terraform.rc",
    ".cargo/credentials*",
    ".gem/credentials",
    ".m2/settings.xml",
    "gradle.properties",
    "NuGet.config",
    ".composer/auth.json",
    # what shells, clients and tools remember
    ".*_history",
    ".git/",
)
"""Patterns in the syntax of .gitignore, matched without regard to case, at any depth."""

HARMLESS = (
    ".env.example",
    ".env.sample",
    ".env.template",
    ".env.dist",
    ".env.defaults",
    "*.pub",
)
"""Files of such names that hold no secret by custom: templates and public keys."""

_COPY = re.compile(r"(?:~|\.(?:bak|backup|copy|old|orig|sav|save|sw[a-p]|tmp))+\Z", re.IGNORECASE)


def original(path: str) -> str:
    """The path without what editors and people put behind the name of a copy: `.env~`, `server.key.bak`."""
    return _COPY.sub("", path)
