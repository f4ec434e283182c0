"""Secrets that nobody has: put together here from parts, so that no scanner takes the tests for a leak."""

import random
import string

_RANDOM = random.Random(20261122)
_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits
DASHES = "-" * 5


def _some(count: int, letters: str = _ALNUM) -> str:
    """So many characters; the first three are one of each kind."""
    start = [next(letter for letter in letters if kind(letter)) for kind in (str.isdigit, str.isalpha)]
    return "".join(start) + "".join(_RANDOM.choices(letters, k=count - 2))


# Secrets by kind, each in its issuer's form. Spaces separate the parts that are joined.
FORMATS = {
    "anthropic_api_key": f"sk -ant-api03-{_some(40)}-{_some(40)}AA",
    "openrouter_api_key": f"sk -or-v1-{_some(64, _HEX)}",
    "openai_api_key": f"sk -proj-{_some(20)}T3BlbkFJ{_some(20)}",
    "google_api_key": f"AI zaSy{_some(33)}",
    "google_oauth_token": f"ya 29.a0{_some(60)}",
    "google_oauth_secret": f"GOC SPX-{_some(28)}",
    "xai_api_key": f"xa i-{_some(80)}",
    "groq_api_key": f"gs k_{_some(52)}",
    "perplexity_api_key": f"pp lx-{_some(48)}",
    "nvidia_api_key": f"nv api-{_some(64)}",
    "replicate_token": f"r8 _{_some(37)}",
    "huggingface_token": f"hf _{_some(34)}",
    "langsmith_api_key": f"ls v2_pt_{_some(32, _HEX)}_{_some(10, _HEX)}",
    "github_token": f"gh p_{_some(36)}",
    "gitlab_token": f"gl pat-{_some(20)}",
    "aws_access_key": f"AK IA{_some(16, _UPPER)}",
    "azure_client_secret": f"{_some(3)}8Q ~{_some(34)}",
    "digitalocean_token": f"do p_v1_{_some(64, _HEX)}",
    "databricks_token": f"da pi{_some(32, _HEX)}",
    "hashicorp_token": f"hv s.{_some(24)}",
    "docker_token": f"dc kr_pat_{_some(27)}",
    "slack_token": f"xo xb-{_some(12, string.digits + 'a')[2:]}12-{_some(24)}",
    "slack_webhook": f"hooks.sl ack.com/services/T{_some(8, _UPPER)}/B{_some(8, _UPPER)}/{_some(24)}",
    "discord_webhook": f"discord .com/api/webhooks/123456789012345678/{_some(68)}",
    "discord_token": f"M{_some(23)} .{_some(6)}.{_some(27)}",
    "telegram_token": f"123456789 :AA{_some(33)}",
    "npm_token": f"np m_{_some(36)}",
    "pypi_token": f"py pi-AgEIcHlwaS5vcmc{_some(80)}",
    "rubygems_key": f"ruby gems_{_some(48, _HEX)}",
    "crates_token": f"ci o{_some(32)}",
    "artifactory_key": f"AK Cp{_some(69)}",
    "stripe_key": f"sk _live_{_some(24)}",
    "square_secret": f"sq 0csp-{_some(43)}",
    "shopify_token": f"sh pat_{_some(32, _HEX)}",
    "twilio_key": f"S K{_some(32, _HEX)}",
    "sendgrid_key": f"S G.{_some(22)}.{_some(43)}",
    "mailgun_key": f"ke y-{_some(32, _HEX)}",
    "mailchimp_key": f"{_some(32, _HEX)} -us12",
    "notion_token": f"nt n_{_some(46)}",
    "linear_key": f"li n_api_{_some(40)}",
    "grafana_token": f"gl sa_{_some(32)}_{_some(8, _HEX)}",
    "sentry_token": f"snt rys_{_some(60)}",
    "supabase_token": f"sb p_{_some(40, _HEX)}",
    "postman_key": f"PM AK-{_some(24, _HEX)}-{_some(34, _HEX)}",
    "atlassian_token": f"AT ATT3{_some(180)}",
    "figma_token": f"fi gd_{_some(40)}",
    "age_secret_key": f"AGE-SEC RET-KEY-1{_some(58, _UPPER)}",
    "json_web_token": f"ey JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{_some(43)}",
}
FORMATS = {kind: text.replace(" ", "") for kind, text in FORMATS.items()}

# Lines whose secret is known by where it stands, and that secret.
_PLACES = {
    "bearer_token": ("curl -H 'Authorization: Bearer %s' https://api.test/v1", _some(32)),
    "authorization": ("> authorization: Basic %s", _some(24) + "=="),
    "url_password": ("cloning https://dev:%s@git.test/project.git", _some(12)),
    "rejected_key": ("Error: Incorrect API key provided: %s. Check your key.", "sk-mo" + "ck1234"),
    "password": ('"db_password": "%s",', "Tr0ub4dor&3"),
    "token": ("export DEPLOY_TOKEN=%s", _some(24)),
    "api_key": ("aws_secret_access_" + "key = %s", _some(20) + "/" + _some(19)),
    "assigned_secret": ("CLIENT_SECRET: '%s'", _some(32)),
}
PLACES = {kind: (line % secret, secret) for kind, (line, secret) in _PLACES.items()}

# Kinds, lines that hold such a secret, and the secret.
LINES = {kind: (f"using {secret} now", secret) for kind, secret in FORMATS.items()} | PLACES

KEY_BODY = [_some(64) for _ in range(6)] + [_some(22) + "=="]
PRIVATE_KEY = [f"{DASHES}BEGIN RSA PRIVATE KEY{DASHES}", *KEY_BODY, f"{DASHES}END RSA PRIVATE KEY{DASHES}"]
