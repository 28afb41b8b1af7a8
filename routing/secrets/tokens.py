"""Formats that say by themselves whose key it is: a fixed beginning (or a mark inside) and a known alphabet.

Written from what the vendors document or show of their formats. Lengths are lower bounds where a vendor has
changed them before. `marks` are texts of which one stands in every such key: they are looked for first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

_LETTERS = "A-Za-z0-9"
_WORD = "-A-Za-z0-9_"


Place = Literal["heads", "words", "text"]


@dataclass(frozen=True, slots=True)
class Token:
    """One format. `reach` is how far before its mark a key may begin; `covers` names the public kinds.

    Its marks are looked for at the beginnings of long words with a digit in them, in those words and what stands
    before them, or, because such a key may be without a digit, in the whole text.
    """

    kind: str
    marks: tuple[str, ...]
    pattern: str
    covers: tuple[str, ...]
    reach: int = 0
    look_in: Place = "heads"


def _token(kind: str, marks: str, pattern: str, covers: str, *, reach: int = 0, look_in: Place = "heads") -> Token:
    return Token(kind, tuple(marks.split()), pattern, tuple(covers.split()), reach, look_in)


_B = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))"
"""The key begins here: not inside a word, but perhaps behind an escaped line break."""

TOKENS: tuple[Token, ...] = (
    _token(
        "1password-key",
        "A3-",
        _B + r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
        "1password-secret-key",
    ),
    _token(
        "1password-service-account", "ops_eyJ", rf"ops_eyJ[{_LETTERS}+/_-]{{100,}}=*", "1password-service-account-token"
    ),
    _token("adobe-client-secret", "p8e-", _B + rf"p8e-[{_WORD}]{{32,}}", "adobe-client-secret"),
    _token("age-key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", "age-secret-key"),
    _token(
        "airtable-token",
        "pat",
        _B + rf"pat[{_LETTERS}]{{14}}\.[a-f0-9]{{64}}",
        "airtable-personnal-access-token",
    ),
    _token("alibaba-key-id", "LTAI", _B + rf"LTAI[{_LETTERS}]{{12,24}}(?![{_LETTERS}])", "alibaba-access-key-id"),
    _token(
        "anthropic-key", "sk-ant-", rf"sk-ant-[a-z]+\d\d-[{_WORD}]{{40,}}", "anthropic-api-key anthropic-admin-api-key"
    ),
    _token("artifactory-key", "AKCp", _B + rf"AKCp[{_LETTERS}]{{60,}}", "artifactory-api-key"),
    _token("artifactory-reference-token", "cmVmd", _B + rf"cmVmd[{_LETTERS}]{{59}}", "artifactory-reference-token"),
    _token("atlassian-token", "ATATT3 ATCTT3 ATBB", _B + rf"AT(?:[AC]TT3|BB)[{_WORD}=]{{24,}}", "atlassian-api-token"),
    _token(
        "authress-key",
        "sc_ ext_ scauth_ authress_",
        _B + rf"(?:sc|ext|scauth|authress)_[{_LETTERS}]{{5,30}}\.[{_LETTERS}]{{4,6}}\.acc[_-][{_LETTERS}-]{{10,32}}"
        rf"\.[{_LETTERS}+/_=-]{{30,}}",
        "authress-service-client-access-key",
    ),
    _token(
        "aws-key-id",
        "A3T AKIA ASIA ABIA ACCA",
        r"(?:(?<![A-Z0-9])|(?<=\\[nrt]))(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Z0-9])",
        "aws-access-token",
    ),
    _token(
        "aws-bedrock-key",
        "ABSK bedrock-api-key-",
        rf"{_B}ABSK[{_LETTERS}+/]{{100,}}={{0,2}}|bedrock-api-key-[{_LETTERS}+/_=-]{{24,}}",
        "aws-amazon-bedrock-api-key-long-lived aws-amazon-bedrock-api-key-short-lived",
    ),
    _token(
        "clickhouse-key", "4b1d", _B + rf"4b1d[{_LETTERS}]{{38}}(?![{_LETTERS}])", "clickhouse-cloud-api-secret-key"
    ),
    _token("clojars-token", "CLOJARS_", r"CLOJARS_[A-Za-z0-9]{60}", "clojars-api-token"),
    _token("cloudflare-origin-key", "v1.0-", _B + r"v1\.0-[a-f0-9]{24}-[a-f0-9]{100,}", "cloudflare-origin-ca-key"),
    _token("databricks-token", "dapi", _B + r"dapi[a-f0-9]{32}(?:-\d)?", "databricks-api-token"),
    _token(
        "defined-networking-token",
        "dnkey-",
        rf"dnkey-[{_WORD}=]{{26}}-[{_WORD}=]{{52}}",
        "defined-networking-api-token",
    ),
    _token(
        "digitalocean-token",
        "doo_v1_ dop_v1_ dor_v1_",
        r"do[opr]_v1_[a-fA-F0-9]{64}",
        "digitalocean-access-token digitalocean-pat digitalocean-refresh-token",
    ),
    _token(
        "doppler-token",
        "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.",
        rf"dp\.(?:pt|st|ct|sa|scim|audit)\.[{_LETTERS}.]{{40,}}",
        "doppler-api-token",
    ),
    _token("dropbox-token", "sl.", _B + rf"sl\.[{_WORD}=]{{130,}}", "dropbox-short-lived-api-token"),
    _token("duffel-token", "duffel_", rf"duffel_(?:test|live)_[{_WORD}=]{{43,}}", "duffel-api-token"),
    _token("dynatrace-token", "dt0", rf"dt0[a-z]\d\d\.[{_LETTERS}]{{24}}\.[{_LETTERS}]{{64}}", "dynatrace-api-token"),
    _token(
        "easypost-key", "EZAK EZTK", _B + rf"EZ[AT]K[{_LETTERS}]{{54}}", "easypost-api-token easypost-test-api-token"
    ),
    _token("facebook-token", "EAA", _B + rf"EAA[A-Z][{_LETTERS}]{{80,}}", "facebook-page-access-token"),
    _token(
        "flutterwave-key",
        "FLWSECK FLWPUBK",
        rf"FLW(?:SECK|PUBK)(?:_TEST|_LIVE)?-?[{_LETTERS}]{{12,}}(?:-X)?",
        "flutterwave-encryption-key flutterwave-public-key flutterwave-secret-key",
    ),
    _token(
        "flyio-token",
        "fo1_ fm1a_ fm1r_ fm2_",
        rf"{_B}(?:fo1_[{_WORD}]{{43}}|fm(?:1[ar]|2)_[{_LETTERS}+/]{{100,}}=*)",
        "flyio-access-token",
    ),
    _token("frameio-token", "fio-u-", rf"fio-u-[{_WORD}=]{{64}}", "frameio-api-token"),
    _token("google-key", "AIza", rf"AIza[{_WORD}]{{35}}(?![{_WORD}])", "gcp-api-key"),
    _token("google-oauth", "ya29. GOCSPX-", rf"{_B}(?:ya29\.[{_WORD}]{{30,}}|GOCSPX-[{_WORD}]{{28}})", ""),
    _token(
        "github-token",
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_",
        rf"gh[pousr]_[{_LETTERS}]{{36,}}|github_pat_[{_LETTERS}_]{{60,}}",
        "github-pat github-oauth github-app-token github-refresh-token github-fine-grained-pat",
    ),
    _token(
        "gitlab-token",
        "glpat- glptt- gldt- glcbt- glffct- glft- glimt- glagent- gloas- glrt- glrtr- glsoat- GR1348941",
        rf"gl(?:pat|ptt|dt|cbt|ffct|ft|imt|agent|oas|rt|rtr|soat)-[{_WORD}.]{{20,}}|GR1348941[{_WORD}]{{20,}}",
        "gitlab-pat gitlab-pat-routable gitlab-ptt gitlab-deploy-token gitlab-cicd-job-token "
        "gitlab-feature-flag-client-token gitlab-feed-token gitlab-incoming-mail-token "
        "gitlab-kubernetes-agent-token gitlab-oauth-app-secret gitlab-runner-authentication-token "
        "gitlab-runner-authentication-token-routable gitlab-scim-token gitlab-rrt",
    ),
    _token(
        "gitlab-session",
        "_gitlab_session=",
        r"(?<=_gitlab_session=)[0-9a-z]{32}",
        "gitlab-session-cookie",
        reach=-16,
        look_in="words",
    ),
    _token(
        "grafana-token",
        "eyJrIjoi glc_ glsa_",
        rf"{_B}(?:eyJrIjoi[{_LETTERS}+/]{{70,}}={{0,3}}|glc_[{_LETTERS}+/]{{32,}}={{0,3}}|glsa_[{_LETTERS}]{{32}}_[A-Fa-f0-9]{{8}})",
        "grafana-api-key grafana-cloud-api-token grafana-service-account-token",
    ),
    _token("groq-key", "gsk_", _B + rf"gsk_[{_LETTERS}]{{48,}}", ""),
    _token(
        "harness-key",
        "pat. sat.",
        rf"{_B}[ps]at\.[{_WORD}]{{22}}\.[{_LETTERS}]{{24}}\.[{_LETTERS}]{{20}}",
        "harness-api-key",
    ),
    _token(
        "terraform-token",
        ".atlasv1.",
        rf"[{_LETTERS}]{{14}}\.atlasv1\.[{_WORD}=]{{60,70}}",
        "hashicorp-tf-api-token",
        reach=14,
    ),
    _token("heroku-token", "HRKU-AA", rf"HRKU-AA[{_WORD}]{{50,}}", "heroku-api-key-v2"),
    _token(
        "huggingface-token",
        "hf_ api_org_",
        rf"{_B}(?:hf|api_org)_[{_LETTERS}]{{34,}}(?![{_LETTERS}_])",
        "huggingface-access-token huggingface-organization-api-token",
        look_in="text",
    ),
    _token("infracost-key", "ico-", _B + rf"ico-[{_LETTERS}]{{32}}(?![{_LETTERS}])", "infracost-api-token"),
    _token("intra42-secret", "s-s4t2", _B + r"s-s4t2(?:ud|af)-[a-f0-9]{64}", "intra42-client-secret"),
    _token(
        "jwt",
        "eyJ",
        r"(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_/+\\-]{10,}\.[A-Za-z0-9_/+\\-]*={0,2}",
        "jwt",
    ),
    _token("jwt", "ZXlK", r"(?<![A-Za-z0-9])ZXlK[A-Za-z0-9+/_-]{40,}={0,2}", "jwt-base64"),
    _token("linear-key", "lin_api_ lin_oauth_", rf"lin_(?:api|oauth)_[{_LETTERS}]{{40,}}", "linear-api-key"),
    _token(
        "lob-key",
        "live_ test_",
        rf"{_B}(?:live|test)_(?:pub_[a-f0-9]{{31}}|[a-f0-9]{{35}})(?![{_LETTERS}])",
        "lob-api-key lob-pub-api-key",
    ),
    _token(
        "mailgun-key",
        "key-",
        rf"{_B}(?:pub)?key-[a-f0-9]{{32}}(?![{_LETTERS}])",
        "mailgun-private-api-token mailgun-pub-key",
        reach=3,
    ),
    _token("mapbox-token", "pk. sk. tk.", rf"{_B}[pst]k\.[{_WORD}]{{60,}}\.[{_WORD}]{{22}}", "mapbox-api-token"),
    _token(
        "newrelic-key",
        "NRAK- NRJS- NRII-",
        rf"NR(?:AK|JS|II)-[{_WORD}]{{19,}}",
        "new-relic-browser-api-token new-relic-insert-key new-relic-user-api-key",
    ),
    _token(
        "notion-token",
        "ntn_ secret_",
        rf"{_B}(?:ntn_[{_LETTERS}]{{43,}}|secret_[{_LETTERS}]{{43}}(?![{_LETTERS}]))",
        "notion-api-token",
    ),
    _token("npm-token", "npm_", _B + rf"npm_[{_LETTERS}]{{36}}(?![{_LETTERS}])", "npm-access-token"),
    _token("octopus-key", "API-", _B + r"API-[A-Z0-9]{26}(?![A-Za-z0-9])", "octopus-deploy-api-key"),
    _token(
        "openai-key",
        "sk-",
        rf"{_B}sk-(?:(?:proj|svcacct|admin)-[{_WORD}]{{40,}}|[{_LETTERS}]{{20}}T3BlbkFJ[{_LETTERS}]{{20}}|or-v1-[a-f0-9]{{64}})",
        "openai-api-key",
    ),
    _token("openshift-token", "sha256~", rf"sha256~[{_WORD}]{{43}}", "openshift-user-token"),
    _token("perplexity-key", "pplx-", _B + rf"pplx-[{_LETTERS}]{{48,}}", "perplexity-api-key"),
    _token(
        "plaid-token",
        "access-sandbox- access-development- access-production-",
        r"access-(?:sandbox|development|production)-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        "plaid-api-token",
    ),
    _token(
        "planetscale-token",
        "pscale_",
        rf"pscale_(?:tkn|oauth|pw)_[{_WORD}=.]{{32,64}}",
        "planetscale-api-token planetscale-oauth-token planetscale-password",
    ),
    _token("postman-key", "PMAK-", r"PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34}", "postman-api-token"),
    _token("prefect-key", "pnu_", _B + rf"pnu_[{_LETTERS}]{{36}}", "prefect-api-token"),
    _token("pulumi-token", "pul-", _B + r"pul-[a-f0-9]{40}", "pulumi-api-token"),
    _token("python-index-token", "pypi-AgE", rf"pypi-AgE[{_WORD}]{{50,}}", "pypi-upload-token"),
    _token("readme-key", "rdme_", _B + r"rdme_[a-z0-9]{70}", "readme-api-token"),
    _token("replicate-token", "r8_", _B + rf"r8_[{_LETTERS}]{{37}}(?![{_LETTERS}])", ""),
    _token("rubygems-key", "rubygems_", r"rubygems_[a-f0-9]{48}", "rubygems-api-token"),
    _token("scalingo-token", "tk-us-", rf"{_B}tk-us-[{_WORD}]{{48}}", "scalingo-api-token"),
    _token("sendgrid-key", "SG.", rf"{_B}SG\.[{_WORD}=.]{{66}}", "sendgrid-api-token"),
    _token("sendinblue-key", "xkeysib-", rf"xkeysib-[a-f0-9]{{64}}-[{_LETTERS}]{{16}}", "sendinblue-api-token"),
    _token(
        "sentry-token",
        "sntrys_ sntryu_",
        rf"sntrys_eyJ[{_LETTERS}+/=_-]{{60,}}|sntryu_[a-f0-9]{{64}}",
        "sentry-org-token sentry-user-token",
    ),
    _token(
        "settlemint-token",
        "sm_aat_ sm_pat_ sm_sat_",
        rf"sm_[aps]at_[{_LETTERS}]{{16,}}",
        "settlemint-application-access-token settlemint-personal-access-token settlemint-service-access-token",
    ),
    _token("shippo-token", "shippo_", r"shippo_(?:live|test)_[a-fA-F0-9]{40}", "shippo-api-token"),
    _token(
        "shopify-token",
        "shpat_ shpca_ shppa_ shpss_",
        r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
        "shopify-access-token shopify-custom-access-token shopify-private-app-access-token shopify-shared-secret",
    ),
    _token(
        "slack-token",
        "xoxa- xoxb- xoxc- xoxd- xoxe- xoxe. xoxo- xoxp- xoxr- xoxs- xapp-",
        rf"(?:xoxe\.)?xox[a-eoprs]-[{_LETTERS}%-]{{8,}}[{_LETTERS}]|xapp-\d-[A-Z0-9]+-\d+-[{_LETTERS}]{{8,}}",
        "slack-app-token slack-bot-token slack-config-access-token slack-config-refresh-token slack-legacy-bot-token "
        "slack-legacy-token slack-legacy-workspace-token slack-user-token",
    ),
    _token("sonar-token", "squ_ sqp_ sqa_", _B + r"sq[upa]_[a-f0-9]{40}", ""),
    _token("sourcegraph-token", "sgp_", rf"{_B}sgp_(?:(?:[a-fA-F0-9]{{16}}|local)_)?[a-fA-F0-9]{{40}}", ""),
    _token(
        "square-token",
        "EAAA sq0atp- sq0csp-",
        rf"{_B}(?:EAAA[{_WORD}]{{40,60}}(?![{_WORD}])|sq0(?:atp|csp)-[{_WORD}]{{22,60}})",
        "",
    ),
    _token(
        "stripe-key",
        "sk_test_ sk_live_ sk_prod_ rk_test_ rk_live_ rk_prod_ whsec_",
        rf"{_B}(?:[sr]k_(?:test|live|prod)|whsec)_[{_LETTERS}+/]{{10,}}",
        "stripe-access-token",
    ),
    _token("supabase-key", "sbp_ sb_secret_", rf"{_B}(?:sbp_[a-f0-9]{{40}}|sb_secret_[{_WORD}]{{20,}})", ""),
    _token("tailscale-key", "tskey-", rf"tskey-[a-z]+-[{_LETTERS}]{{8,}}-[{_LETTERS}]{{20,}}", ""),
    _token(
        "telegram-token", ":AA", rf"(?<![\d:])\d{{8,16}}:AA[{_WORD}]{{33}}(?![{_WORD}])", "", reach=16, look_in="words"
    ),
    _token("twilio-key", "SK AC", r"(?<![A-Za-z0-9])(?:SK|AC)[0-9a-fA-F]{32}(?![A-Za-z0-9])", "twilio-api-key"),
    _token("typeform-token", "tfp_", rf"{_B}tfp_[{_WORD}.=]{{40,}}", "typeform-api-token"),
    _token("vault-token", "hvb. hvs. hvr.", rf"{_B}hv[bsr]\.[{_WORD}]{{24,}}", "vault-batch-token vault-service-token"),
    _token(
        "sidekiq-login",
        "CONTRIBSYS__COM",
        r"(?<=CONTRIBSYS__COM)[\"']?\s?[=:]\s?[\"']?[a-f0-9]{8}:[a-f0-9]{8}",
        "",
        reach=-15,
        look_in="text",
    ),
    _token("xai-key", "xai-", _B + rf"xai-[{_LETTERS}]{{60,}}", ""),
)

SHAPES: tuple[Token, ...] = (
    _token("vault-token", "s.", rf"s\.[{_LETTERS}]{{24}}(?![\w.-])", ""),
    _token(
        "azure-client-secret",
        "Q~",
        rf"[{_LETTERS}_~.-]{{3}}\dQ~[{_LETTERS}_~.-]{{31,34}}(?![{_WORD}~])",
        "azure-ad-client-secret",
    ),
    _token("discord-token", ".", rf"[MNO][{_WORD}]{{22,27}}\.[{_WORD}]{{6}}\.[{_WORD}]{{27,}}", ""),
    _token("mailchimp-key", "-us", r"[a-f0-9]{32}-us\d{1,2}(?!\w)", "mailchimp-api-key"),
    _token("mailgun-signing-key", "-", r"[a-h0-9]{32}-[a-h0-9]{8}-[a-h0-9]{8}(?![\w-])", "mailgun-signing-key"),
    _token("maxmind-key", "_mmk", rf"[{_LETTERS}]{{6}}_[{_LETTERS}]{{29}}_mmk(?!\w)", "maxmind-license-key"),
)
"""Formats without a fixed beginning: matched at the beginning of each long word that has a digit in it."""
