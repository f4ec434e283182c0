"""What secrets look like: a table of the formats that their issuers publish, and of the places that give others away.

Every expression is RE2's and captures nothing but the group `value` of a place. Formats have fixed beginnings; a run
of token characters belongs to the secret to its end, so that nothing of one that is longer than we know is left over.

Sources: the issuers' documentation of their prefixes (GitHub, GitLab, AWS, Google, Slack, Stripe and so on, as GitHub
lists them under "supported secret scanning patterns"); RFC 6750 (bearer), RFC 7617 (basic), RFC 3986 3.2.1 (user
information in URLs), RFC 7519 (JWT), RFC 7468 and RFC 4880 (private keys).
"""

from typing import NamedTuple


class Format(NamedTuple):
    """Secrets that are known by their own form. The first `prefix` characters name the issuer and may be shown."""

    kind: str
    label: str
    prefix: int
    regex: str


class Place(NamedTuple):
    """A place where a secret stands, whatever its form.

    What comes `before` it, the `characters` that it is made of, how many there are at the `least`, what comes `after`.
    """

    kind: str
    label: str
    before: str
    characters: str
    least: int
    after: str = ""


# In front of a format: no letter or digit, unless it ends an escape of JSON or of a URL.
FRONT = r"(?:^|[^A-Za-z0-9]|\\[nrt]|%[0-9A-Fa-f]{2})"

FORMATS = (
    Format("anthropic_api_key", "anthropic key", 3, r"sk-ant-[A-Za-z0-9_-]{16}"),
    Format("openrouter_api_key", "openrouter key", 3, r"sk-or-v1-[0-9a-f]{32}"),
    Format("openai_api_key", "openai key", 3, r"sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{20}"),
    Format("google_api_key", "google key", 4, r"AIza[A-Za-z0-9_-]{35}"),
    Format("google_oauth_token", "google token", 4, r"ya29\.[A-Za-z0-9_-]{20}|1//0[A-Za-z0-9_-]{30}"),
    Format("google_oauth_secret", "google secret", 4, r"GOCSPX-[A-Za-z0-9_-]{20}"),
    Format("xai_api_key", "xai key", 4, r"xai-[A-Za-z0-9]{20}"),
    Format("groq_api_key", "groq key", 4, r"gsk_[A-Za-z0-9]{40}"),
    Format("perplexity_api_key", "perplexity key", 4, r"pplx-[A-Za-z0-9]{40}"),
    Format("nvidia_api_key", "nvidia key", 4, r"nvapi-[A-Za-z0-9_-]{40}"),
    Format("replicate_token", "replicate token", 3, r"r8_[A-Za-z0-9]{37}"),
    Format("huggingface_token", "hugging face token", 3, r"hf_[A-Za-z0-9]{30}|api_org_[A-Za-z]{34}"),
    Format("langsmith_api_key", "langsmith key", 4, r"lsv2_(?:pt|sk)_[A-Za-z0-9_]{32}"),
    Format("github_token", "github token", 4, r"gh[pousr]_[A-Za-z0-9_]{36}|github_pat_[A-Za-z0-9_]{22}"),
    Format(
        "gitlab_token",
        "gitlab token",
        4,
        r"(?:glpat|gldt|glrt|glft|glsoat|glcbt|glimt|glptt|glagent|gloas)-[A-Za-z0-9_-]{20}(?:[A-Za-z0-9_-]*\.[0-9a-z]{2}\.)?"
        r"|GR1348941[A-Za-z0-9_-]{20}",
    ),
    Format("aws_access_key", "aws access key", 4, r"(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}"),
    Format("azure_client_secret", "azure secret", 0, r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31}"),
    Format("digitalocean_token", "digitalocean token", 4, r"do[opr]_v1_[a-f0-9]{64}"),
    Format("databricks_token", "databricks token", 4, r"dapi[a-f0-9]{32}"),
    Format(
        "hashicorp_token",
        "hashicorp token",
        4,
        r"hv[sbr]\.[A-Za-z0-9_-]{24}|[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60}",
    ),
    Format("docker_token", "docker token", 4, r"dckr_[po]at_[A-Za-z0-9_-]{27}"),
    Format("slack_token", "slack token", 4, r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10}|xapp-[A-Za-z0-9-]{10}"),
    Format(
        "slack_webhook",
        "slack webhook",
        0,
        r"hooks\.slack\.com/(?:services|workflows)/T[A-Za-z0-9_]+/[A-Z][A-Za-z0-9_]+/[A-Za-z0-9_/]{8}",
    ),
    Format(
        "discord_webhook", "discord webhook", 0, r"discord(?:app)?\.com/api/webhooks/[0-9]{15,20}/[A-Za-z0-9_-]{40}"
    ),
    Format("discord_token", "discord token", 0, r"[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27}"),
    Format("telegram_token", "telegram token", 0, r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
    Format("npm_token", "npm token", 4, r"npm_[A-Za-z0-9]{30}"),
    Format("pypi_token", "pypi token", 4, r"pypi-Ag[A-Za-z0-9_-]{50}"),
    Format("rubygems_key", "rubygems key", 4, r"rubygems_[a-f0-9]{48}"),
    Format("crates_token", "crates.io token", 3, r"cio[A-Za-z0-9]{32}"),
    Format("artifactory_key", "artifactory key", 4, r"AKCp[A-Za-z0-9]{60}"),
    Format("stripe_key", "stripe key", 3, r"[sr]k_(?:live|test)_[A-Za-z0-9]{16}|whsec_[A-Za-z0-9+/]{32}"),
    Format("square_secret", "square secret", 4, r"sq0(?:csp|atp)-[A-Za-z0-9_-]{22}"),
    Format("shopify_token", "shopify token", 4, r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    Format("twilio_key", "twilio key", 2, r"(?:AC|SK)[0-9a-f]{32}"),
    Format("sendgrid_key", "sendgrid key", 3, r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32}"),
    Format("mailgun_key", "mailgun key", 4, r"key-[0-9a-f]{32}"),
    Format("mailchimp_key", "mailchimp key", 0, r"[0-9a-f]{32}-us[0-9]{1,2}"),
    Format("notion_token", "notion token", 4, r"ntn_[A-Za-z0-9]{40}"),
    Format("linear_key", "linear key", 4, r"lin_(?:api|oauth)_[A-Za-z0-9]{32}"),
    Format("grafana_token", "grafana token", 4, r"gl(?:c|sa)_[A-Za-z0-9_+/=-]{32}"),
    Format("sentry_token", "sentry token", 4, r"sntry[su]_[A-Za-z0-9_+/=-]{32}"),
    Format("supabase_token", "supabase token", 3, r"sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20}"),
    Format("postman_key", "postman key", 4, r"PMAK-[A-Za-z0-9]{24}-[A-Za-z0-9]{34}"),
    Format("atlassian_token", "atlassian token", 4, r"ATATT3[A-Za-z0-9_=-]{60}"),
    Format("figma_token", "figma token", 4, r"figd_[A-Za-z0-9_-]{40}"),
    Format("age_secret_key", "age key", 4, r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    Format("json_web_token", "jwt", 3, r"eyJ[A-Za-z0-9_=-]{10,}\.[A-Za-z0-9_=-]{4,}(?:\.[A-Za-z0-9_+/=-]+)*"),
)

# Names that tell what stands behind them. `KEY` alone tells it only in the way in which variables are written.
_NAMES = (
    r"(?i:passw(?:or)?d|passphrase|pwd|secret|token|credentials?|client[_-]?secret|"
    r"(?:api|access|iam|secret|private|encryption|signing|auth|account|master|shared[_-]?access|storage)[ _-]?key)"
    r"|[A-Z0-9]_KEY|_auth"
)
_SUFFIX = r"(?:_?[0-9]{1,2}|_(?i:base|value|prod|dev|test|staging))?"
_QUOTES = r"(?:\\{0,3}[\"'`])"
_QUOTE = _QUOTES + "{0,2}"
_IS = r"[ \t]{0,8}(?::=|=>|[:=])[ \t]{0,8}"
_VALUE = r"[^\x00-\x20\"'`\\,;(){}\[\]<>|&]"
_QUOTED = r"[^\x00-\x20\"'`\\]"
_NAMED = rf"(?:{_NAMES}){_SUFFIX}{_QUOTE}{_IS}"
_FLAG = r"--[a-z0-9-]{0,32}(?:password|passphrase|secret|token|key)[ =]"
_CREDENTIALS = r"[A-Za-z0-9._~+/=-]"

PLACES = (
    Place("bearer_token", "bearer token", r"(?i:bearer)[ \t]{1,16}", _CREDENTIALS, 16),
    Place(
        "authorization",
        "authorization",
        rf"(?i:authorization){_QUOTE}{_IS}{_QUOTE}(?i:basic|token|apikey|key|digest)[ \t]{{1,8}}",
        _CREDENTIALS,
        8,
    ),
    Place("url_password", "password", r"://[^\x00-\x20/?#:@\"'<>\\]{0,64}:", r"[^\x00-\x20/?#@\"'<>\\]", 3, "@"),
    Place("rejected_key", "api key", r"(?i:key|token) provided:? {0,2}", r"[A-Za-z0-9_-]", 6),
    Place("assigned_secret", "secret", rf"(?:{_FLAG}|{_NAMED}){_QUOTES}{{1,2}}", _QUOTED, 6),
    Place("assigned_secret", "secret", rf"(?:{_FLAG}|{_NAMED})", _VALUE, 6),
)

PRIVATE_KEY, PRIVATE_KEY_LABEL = "private_key", "private key"
PRIVATE_KEY_BEGIN = r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,2}PRIVATE KEY(?: BLOCK)?-----"

# Finds every line that may hold a secret, for RE2; no groups, so that lines without any cost next to nothing.
INTERESTING = "|".join(
    (
        f"{FRONT}(?:{'|'.join(f'(?:{row.regex})' for row in FORMATS)})",
        *(f"{row.before}{row.characters}{{{row.least}}}" for row in PLACES),
        PRIVATE_KEY_BEGIN,
    )
)
