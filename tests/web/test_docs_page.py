"""The reference page: complete, in both languages, and of this server alone."""

import re
from html.parser import HTMLParser

import pytest

from posthouse.core.catalogue import CATALOGUE, REASONS
from posthouse.web.dialects.api import routes as aggregator
from posthouse.web.dialects.v1.routes import routes

LOADING = {"src", "srcset", "poster", "data", "action", "formaction", "background", "manifest", "ping"}


class Seen(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.links, self.ids, self.loaded = [], [], [], []
        self.attributes = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id":
                self.ids.append(value)
            if name == "href" and tag == "a":
                self.links.append(value)
            elif name in LOADING or name == "href":
                self.loaded.append(value)


@pytest.fixture(params=["en", "zh"])
async def page(request, client):
    answer = await client.get(f"/docs?lang={request.param}", headers={"authorization": ""})
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.body.decode()


async def test_it_shows_every_call_with_a_line_to_copy(page, house):
    seen = Seen(page)
    for route in routes(house.services):
        assert route.name in seen.ids
        assert f"<b>{route.method}</b> {route.path}</code>" in page
        assert "$POSTHOUSE_BASE_URL" + route.path.partition("{")[0] in page


async def test_it_explains_every_code_reason_and_object(page, client):
    seen = Seen(page)
    assert seen.ids.count("code-invalid_number") == seen.ids.count("reason-invalid_number") == 1
    assert {f"code-{code}" for code in CATALOGUE} <= set(seen.ids)
    assert {f"reason-{reason}" for reason in REASONS} <= set(seen.ids)
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert {f"object-{name}" for name in schemas} <= set(seen.ids)
    assert len(set(seen.ids)) == len(seen.ids)


async def test_every_link_in_it_leads_to_a_place_in_it_or_on_this_server(page, client):
    seen = Seen(page)
    for link in set(seen.links):
        if link.startswith("#"):
            assert link[1:] in seen.ids
        else:
            path = link if link.startswith("/") else f"/docs{link}"
            assert (await client.get(path)).status == 200


async def test_it_asks_nobody_else_for_anything(page, client):
    seen = Seen(page)
    assert set(seen.tags).isdisjoint({"script", "iframe", "img", "object", "embed", "base", "form", "style"})
    assert not [name for name in seen.attributes if name.startswith("on") or name == "style"]
    assert sorted(seen.loaded) == ["/docs/reference.css", "data:,"]
    style = await client.get("/docs/reference.css")
    assert (style.status, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert not re.search(rb"url\(|@import|//", style.body)


async def test_the_browser_is_told_to_let_nothing_in(client):
    policy = (await client.get("/docs")).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "script" not in policy


async def test_it_tells_of_the_other_surface_s_calls_and_its_keys(page, house):
    for route in aggregator.routes(house.services):
        assert f"<b>{route.method}</b> {route.path}</code>" in page
    for word in ("X-API-Key", "X-API-Secret", "posthouse keys create"):
        assert word in page


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({"host": "sms.example.com"}, "http://sms.example.com"),
        ({"host": "[::1]:9000"}, "http://[::1]:9000"),
        ({"host": "sms.example.com", "x-forwarded-proto": "https"}, "https://sms.example.com"),
        ({"host": "sms.example.com", "x-forwarded-proto": "javascript"}, "http://sms.example.com"),
        ({}, "http://127.0.0.1:8025"),
        ({"host": "a<script>"}, "http://127.0.0.1:8025"),
        ({"host": "a;rm -rf ~"}, "http://127.0.0.1:8025"),
        ({"host": "a.example:80\n"}, "http://127.0.0.1:8025"),
        ({"host": "user@evil.example"}, "http://127.0.0.1:8025"),
    ],
)
async def test_its_examples_call_where_it_was_asked_for(client, headers, base):
    page = (await client.get("/docs", headers=headers)).body.decode()
    assert f"export POSTHOUSE_BASE_URL={base}\n" in page
    unnamed = (await client.get("/docs")).body.decode()
    assert "export POSTHOUSE_BASE_URL=http://127.0.0.1:8025\n" in unnamed


async def test_the_front_door_leads_to_it(client):
    answer = await client.get("/", headers={"authorization": ""})
    assert (answer.status, answer.headers["location"]) == (307, "/docs")


async def test_the_language_is_the_one_asked_for_and_else_the_browsers(client):
    for query, accepted, language in (
        ("", "zh-CN,zh;q=0.9", "zh-CN"),
        ("?lang=en", "zh-CN", "en"),
        ("", "en", "en"),
    ):
        answer = await client.get(f"/docs{query}", language=accepted)
        assert answer.headers["content-language"] == language
        assert f'<html lang="{language}">' in answer.body.decode()
        assert ("手机号码无效" in answer.body.decode()) is (language == "zh-CN")
    assert (await client.get("/docs?lang=fr")).json()["code"] == "invalid_value"
