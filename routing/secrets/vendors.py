"""Values that are only a key because the name beside them says whose: `ADAFRUIT_KEY = "…"`.

Written from the lengths and alphabets that the vendors document or show. A row is a name as it appears in keys
(lower case, a regular expression), the shape of the whole value, and the public kinds that it covers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor: `name` and `shape` are regular expressions, `covers` names the public kinds.

    `bare` shapes are numbers, which no measure of chance can tell from other numbers.
    """

    kind: str
    name: str
    shape: str
    covers: tuple[str, ...]
    bare: bool = False


def _vendor(kind: str, shape: str, covers: str, *, name: str = "", bare: bool = False) -> Vendor:
    return Vendor(f"{kind}-key", name or kind, shape, tuple(covers.split()), bare)


VENDORS: tuple[Vendor, ...] = (
    _vendor("adafruit", r"[\w-]{32}", "adafruit-api-key"),
    _vendor("adobe", r"[a-f0-9]{32}", "adobe-client-id"),
    _vendor("airtable", r"[A-Za-z0-9]{17}", "airtable-api-key"),
    _vendor("algolia", r"[A-Za-z0-9]{32}", "algolia-api-key"),
    _vendor("alibaba", r"[A-Za-z0-9]{30}", "alibaba-secret-key", name=r"alibaba|aliyun"),
    _vendor("asana", r"\d{16}", "asana-client-id", bare=True),
    _vendor("asana", r"[A-Za-z0-9]{32}", "asana-client-secret"),
    _vendor("atlassian", r"[A-Za-z0-9]{24}", "", name=r"atlassian|confluence|jira"),
    _vendor("beamer", r"b_[\w=-]{44}", "beamer-api-token"),
    _vendor("bitbucket", r"[A-Za-z0-9]{32}|[\w=-]{64}", "bitbucket-client-id bitbucket-client-secret"),
    _vendor("bittrex", r"[A-Za-z0-9]{32}", "bittrex-access-key bittrex-secret-key"),
    _vendor("meraki", r"[0-9a-f]{40}", "cisco-meraki-api-key"),
    _vendor("cloudflare", r"[\w-]{40}|[a-f0-9]{37}", "cloudflare-api-key cloudflare-global-api-key"),
    _vendor("codecov", rf"[A-Za-z0-9]{{32}}|{_UUID}", "codecov-access-token"),
    _vendor("cohere", r"[A-Za-z0-9]{40}", "cohere-api-token", name=r"cohere|\bco_api_key"),
    _vendor("coinbase", r"[\w-]{64}", "coinbase-access-token"),
    _vendor("confluent", r"[A-Za-z0-9]{16}|[A-Za-z0-9+/]{64}", "confluent-access-token confluent-secret-key"),
    _vendor("contentful", r"[\w=-]{43}", "contentful-delivery-api-token"),
    _vendor("datadog", r"[A-Za-z0-9]{40}|[a-f0-9]{32}", "datadog-access-token", name=r"datadog|\bdd_"),
    _vendor("discord", r"[a-f0-9]{64}|[\w=-]{32}", "discord-api-token discord-client-secret"),
    _vendor("discord", r"\d{17,19}", "discord-client-id", bare=True),
    _vendor("droneci", r"[A-Za-z0-9]{32}", "droneci-access-token", name=r"drone_?ci|\bdrone_"),
    _vendor(
        "dropbox",
        r"[A-Za-z0-9]{15}|[A-Za-z0-9]{11}A{10}[\w=-]{43}",
        "dropbox-api-token dropbox-long-lived-api-token",
    ),
    _vendor("etsy", r"[A-Za-z0-9]{24}", "etsy-access-token", name=r"(?<![a-z])etsy"),
    _vendor(
        "facebook",
        r"[a-f0-9]{32}|\d{15,16}(?:\||%7C|%)[\w-]{27,40}",
        "facebook-secret facebook-access-token",
        name=r"facebook|(?<![a-z])fb_",
    ),
    _vendor("fastly", r"[\w=-]{32}", "fastly-api-token"),
    _vendor("finicity", r"[a-f0-9]{32}|[A-Za-z0-9]{20}", "finicity-api-token finicity-client-secret"),
    _vendor("finnhub", r"[A-Za-z0-9]{20}", "finnhub-access-token"),
    _vendor("flickr", r"[A-Za-z0-9]{32}", "flickr-access-token"),
    _vendor("freemius", r"sk_\S{29}", "freemius-secret-key", name=r"freemius|secret_key"),
    _vendor("freshbooks", r"[A-Za-z0-9]{64}", "freshbooks-access-token"),
    _vendor("gitter", r"[\w-]{40}", "gitter-access-token"),
    _vendor("gocardless", r"live_[\w=-]{40}", "gocardless-api-token"),
    _vendor("heroku", _UUID, "heroku-api-key"),
    _vendor("hubspot", _UUID, "hubspot-api-key"),
    _vendor("intercom", r"[\w=-]{60}", "intercom-api-key"),
    _vendor(
        "jfrog",
        r"[A-Za-z0-9]{73}|[A-Za-z0-9]{64}",
        "jfrog-api-key jfrog-identity-token",
        name=r"jfrog|artifactory|bintray|xray",
    ),
    _vendor("kraken", r"[\w/=+-]{80,90}", "kraken-access-token"),
    _vendor("kucoin", rf"[a-f0-9]{{24}}|{_UUID}", "kucoin-access-token kucoin-secret-key"),
    _vendor("launchdarkly", r"[\w=-]{40}", "launchdarkly-access-token", name=r"launch_?darkly"),
    _vendor("linear", r"[a-f0-9]{32}", "linear-client-secret", name=r"(?<![a-z])linear"),
    _vendor(
        "linkedin",
        r"[A-Za-z0-9]{14}|[A-Za-z0-9]{16}",
        "linkedin-client-id linkedin-client-secret",
        name=r"linked[_-]?in",
    ),
    _vendor("looker", r"[A-Za-z0-9]{20}|[A-Za-z0-9]{24}", "looker-client-id looker-client-secret"),
    _vendor("mattermost", r"[a-z0-9]{26}", "mattermost-access-token"),
    _vendor(
        "messagebird",
        rf"[A-Za-z0-9]{{25}}|{_UUID}",
        "messagebird-api-token messagebird-client-id",
        name=r"message[_-]?bird",
    ),
    _vendor("netlify", r"[\w=-]{40,46}", "netlify-access-token"),
    _vendor("new-relic", r"[A-Za-z0-9]{64}", "new-relic-user-api-id", name=r"new[_-]?relic"),
    _vendor("nytimes", r"[\w=-]{32}", "nytimes-access-token", name=r"nytimes|new-?york-?times"),
    _vendor("okta", r"00[\w=-]{40}", "okta-access-token", name=r"(?<![a-z])okta"),
    _vendor("plaid", r"[A-Za-z0-9]{24}|[A-Za-z0-9]{30}", "plaid-client-id plaid-secret-key", name=r"(?<![a-z])plaid"),
    _vendor("privateai", r"[A-Za-z0-9]{32}", "privateai-api-token", name=r"private[_-]?ai"),
    _vendor("rapidapi", r"[\w-]{50}", "rapidapi-access-token", name=r"rapid_?api"),
    _vendor("sendbird", rf"[a-f0-9]{{40}}|{_UUID}", "sendbird-access-token sendbird-access-id"),
    _vendor("sentry", r"[a-f0-9]{64}", "sentry-access-token"),
    _vendor(
        "sidekiq",
        r"[a-f0-9]{8}:[a-f0-9]{8}",
        "sidekiq-secret",
        name=r"bundle_(?:enterprise|gems)__contribsys__com",
    ),
    _vendor("snyk", _UUID, "snyk-api-token", name=r"(?<![a-z])snyk"),
    _vendor("sonar", r"(?:sq[upa]_)?[\w=-]{40}", "sonar-api-token"),
    _vendor("sourcegraph", r"[a-fA-F0-9]{40}", "sourcegraph-access-token"),
    _vendor("square", r"(?:EAAA|sq0[a-z]+-)[\w-]{22,60}", "square-access-token", name=r"(?<![a-z])square"),
    _vendor("squarespace", _UUID, "squarespace-access-token"),
    _vendor(
        "sumologic",
        r"su[A-Za-z0-9]{12}|[A-Za-z0-9]{64}",
        "sumologic-access-id sumologic-access-token",
        name=r"(?<![a-z])sumo",
    ),
    _vendor("telegram", r"[0-9]{5,16}:A[\w-]{34}", "telegram-bot-api-token", name=r"telegr"),
    _vendor("travis", r"[A-Za-z0-9]{22}", "travisci-access-token"),
    _vendor("twitch", r"[A-Za-z0-9]{30}", "twitch-api-token"),
    _vendor(
        "twitter",
        r"[A-Za-z0-9]{25}|[A-Za-z0-9]{45}|[A-Za-z0-9]{50}|\d{15,25}-[A-Za-z0-9]{20,40}|A{22}[A-Za-z0-9%]{80,100}",
        "twitter-api-key twitter-access-secret twitter-api-secret twitter-access-token twitter-bearer-token",
    ),
    _vendor(
        "yandex",
        r"t1\.[\w=-]+\.[\w=-]{86,88}|AQVN[\w-]{35,38}|YC[\w-]{38}",
        "yandex-access-token yandex-api-key yandex-aws-access-token",
    ),
    _vendor("zendesk", r"[A-Za-z0-9]{40}", "zendesk-secret-key"),
)


_ALTERNATIVES = re.compile(r"\|(?![^(]*\))")
_NOT_LITERAL = re.compile(r"\(\?<!\[a-z\]\)|\\b|\([^)]*\)|\[[^]]*\]\??|[a-z_-]\?")


def name_hints() -> list[str]:
    """Literal texts of which one stands in every name that holds a vendor's, and in few others."""
    names = (name for vendor in VENDORS for name in _ALTERNATIVES.split(vendor.name))
    return sorted({max(_NOT_LITERAL.split(name), key=len) for name in names})
