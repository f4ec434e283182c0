"""Which files and variables hold credentials, by the names that tools give them. Pure."""

import re

from stream.lazy_regex import lazy_regex

# A file's name, or the end of its path.
_FILES = lazy_regex(
    r"""(?:^|/)(?:
        \.env(?:\.(?!example$|sample$|template$|dist$|defaults$|schema$|test$)[\w.-]+)?
        |\.envrc
        |id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?
        |\.netrc|_netrc|\.pgpass|\.my\.cnf|\.npmrc|\.pypirc|\.git-credentials|\.htpasswd|\.vault-token
        |\.aws/credentials|\.kube/config|\.docker/config\.json|\.config/gh/hosts\.yml
        |\.codex/auth\.json|\.claude/\.credentials\.json|\.gemini/oauth_creds\.json
        |application_default_credentials\.json|credentials\.json|service[-_]account[\w-]*\.json|client_secret[\w-]*\.json
        |secrets?\.(?:ya?ml|json|toml|env)
        |etc/(?:g?shadow|sudoers)
        |proc/(?:self|\d+)/environ
        |[\w.-]+\.(?:p12|pfx|keystore|jks|kdbx|ppk)
        |[\w.-]*(?:private|secret|server|key)[\w.-]*\.(?:pem|key)
        |\.gnupg/.+|\.ssh/(?!config$|known_hosts|authorized_keys$|.*\.pub$)[\w.*-]+
    )$""",
    re.VERBOSE,
)
_VARIABLE = lazy_regex(
    r"(?i)(?:^|_)(?:API_?KEY|ACCESS_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|PWD_?HASH|CREDENTIALS?)(?:_ID)?(?:$|_)"
)
_REFERENCE = lazy_regex(r"\$\{?([A-Za-z_]\w*)")


def is_credential_file(path: str) -> bool:
    """Whether a file with this name is known to hold credentials; examples and public keys do not."""
    return _FILES.search(path) is not None


def is_credential_variable(name: str) -> bool:
    """Whether a variable with this name is known to hold a credential."""
    return _VARIABLE.search(name) is not None


def credential_variables(text: str) -> list[str]:
    """The variables of this kind that shell text refers to (`$API_KEY`)."""
    return [name for name in _REFERENCE.findall(text) if is_credential_variable(name)]
