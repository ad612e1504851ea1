"""The reference as one HTML page, made of the OpenAPI document and the catalogue."""

import json
import re
from collections.abc import Iterable, Mapping
from html import escape

from posthouse.core.catalogue import Language, entries
from posthouse.core.errors import Code
from posthouse.web.openapi_schemas import Json, present
from posthouse.web.reference_words import AGGREGATOR, WORDS

STYLE = "/docs/reference.css"
BASE_URL = "http://127.0.0.1:8025"
"""Where the examples call; whoever serves the page puts in its place where it was asked for."""


def page(document: Json, status: Mapping[Code, int], language: Language) -> str:
    """The whole page. Calls and fields are described in English, all around them in `language`."""
    return _Page(document, status, language).html()


class _Page:
    def __init__(self, document: Json, status: Mapping[Code, int], language: Language) -> None:
        self._document = document
        self._status = status
        self._language: Language = language
        self._operations = [
            (method.upper(), path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        ]
        self._schemas: Mapping[str, Json] = document["components"]["schemas"]

    def html(self) -> str:
        info = self._document["info"]
        lang = "zh-CN" if self._language == "zh" else "en"
        return "\n".join(
            (
                f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">',
                '<meta name="viewport" content="width=device-width, initial-scale=1">',
                f"<title>Posthouse {info['version']} · {self._word('title')}</title>",
                f'<link rel="icon" href="data:,">\n<link rel="stylesheet" href="{STYLE}">\n</head>\n<body>',
                self._contents(),
                f"<main>\n<h1>Posthouse <small>{info['version']}</small></h1>",
                self._opening(),
                *(self._call(*operation) for operation in self._operations),
                self._aggregator(),
                f'<h2 id="objects">{self._word("objects")}</h2>',
                *(self._object(name, schema) for name, schema in self._schemas.items()),
                self._catalogue(),
                "</main>\n</body>\n</html>\n",
            )
        )

    def _word(self, name: str) -> str:
        return WORDS[name].of(self._language)

    def _contents(self) -> str:
        lines = ["<nav>", '<p><a href="?lang=en">English</a> · <a href="?lang=zh">中文</a></p>']
        for tag in self._document["tags"]:
            lines.append(f"<h2>{escape(tag['name'])}</h2>\n<ul>")
            lines += [
                f'<li><a href="#{escape(call["operationId"])}">{escape(call["summary"])}</a></li>'
                for _, _, call in self._operations
                if tag["name"] in call["tags"]
            ]
            lines.append("</ul>")
        lines.append(
            f'<ul><li><a href="#api">{self._word("aggregator")}</a></li>'
            f'<li><a href="#objects">{self._word("objects")}</a></li>'
            f'<li><a href="#codes">{self._word("codes")}</a></li>'
            f'<li><a href="#reasons">{self._word("reasons")}</a></li></ul>\n</nav>'
        )
        return "\n".join(lines)

    def _opening(self) -> str:
        shell = f"export POSTHOUSE_BASE_URL={BASE_URL}\nexport POSTHOUSE_API_KEY=ph_live_…"
        said = "".join(f"<p>{_marked(self._word(name))}</p>" for name in ("opening", "language", "limits"))
        return f'{said}\n<pre>{shell}</pre>\n<p><a href="/openapi.json">/openapi.json</a></p>'

    def _aggregator(self) -> str:
        """The other surface: its calls, and how to get what they ask for."""
        rows = "".join(
            f"<tr><td><code><b>{method}</b> {path}</code></td><td>{escape(self._word(name))}</td></tr>\n"
            for method, path, name in AGGREGATOR
        )
        shell = (
            "posthouse keys create --account default --json   # api_key, api_secret\n"
            'curl "$POSTHOUSE_BASE_URL/api/account/info" \\\n'
            '  -H "X-API-Key: $API_KEY" -H "X-API-Secret: $API_SECRET"'
        )
        return (
            f'<section>\n<h2 id="api"><a href="#api">{self._word("aggregator")}</a></h2>\n'
            f"<p>{_marked(self._word('aggregator_keys'))}</p>\n<table>\n{rows}</table>\n"
            f"<pre>{escape(shell)}</pre>\n</section>"
        )

    def _call(self, method: str, path: str, call: Json) -> str:
        name = escape(call["operationId"])
        lines = [
            f'<section>\n<h2 id="{name}"><a href="#{name}">{escape(call["summary"])}</a></h2>',
            f"<p><code><b>{method}</b> {escape(path)}</code></p>",
            f"<p>{_marked(call.get('description', self._word('public')))}</p>",
            self._fields(
                self._word("parameters"),
                (
                    (p["name"], p["schema"], p.get("required", False), p.get("description", ""))
                    for p in call["parameters"]
                ),
            ),
        ]
        body = call.get("requestBody", {}).get("content", {}).get("application/json")
        if body is not None:
            lines.append(self._fields_of(self._word("body"), body["schema"]))
        lines.append(f"<pre>{escape(_curl(method, path, call))}</pre>")
        refusals = []
        for number, response in call["responses"].items():
            (media,) = response["content"].values()
            if "examples" in media:
                refusals += [(number, code) for code in media["examples"]]
            else:
                shown = json.dumps(media["example"], ensure_ascii=False, indent=2)
                lines += [f"<h3>{number} {self._type(media['schema'])}</h3>", f"<pre>{escape(shown)}</pre>"]
        lines.append(self._refusals(refusals))
        lines.append("</section>")
        return "\n".join(lines)

    def _refusals(self, refusals: Iterable[tuple[str, str]]) -> str:
        titles = {entry.name: entry.title for entry in entries(self._language) if entry.kind == "code"}
        rows = "".join(
            f'<tr><td>{number}</td><td><a href="#code-{code}"><code>{code}</code></a></td>'
            f"<td>{escape(titles[code])}</td></tr>\n"
            for number, code in refusals
        )
        return f"<details><summary>{self._word('refusals')}</summary>\n<table>\n{rows}</table>\n</details>"

    def _object(self, name: str, schema: Json) -> str:
        said = schema.get("description", "")
        heading = f'<h3 id="object-{escape(name)}">{escape(name)}</h3>\n<p>{_marked(said)}</p>'
        return f"{heading}\n{self._fields_of('', {'$ref': name})}"

    def _fields_of(self, heading: str, reference: Json) -> str:
        schema = self._schemas[_name(reference)]
        required, fields = schema.get("required", ()), schema.get("properties", {})
        return self._fields(
            heading,
            (
                # Null in an optional field is the same as leaving it out: not worth a word.
                (name, field if must else present(field), must, field.get("description", ""))
                for must in (True, False)
                for name, field in fields.items()
                if must is (name in required)
            ),
        )

    def _fields(self, heading: str, fields: Iterable[tuple[str, Json, bool, str]]) -> str:
        optional = f" <i>{self._word('optional')}</i>"
        rows = "".join(
            f"<tr><td><code>{escape(name)}</code></td><td>{self._type(schema)}{'' if required else optional}"
            f"</td><td>{_marked(said)}</td></tr>\n"
            for name, schema, required, said in fields
        )
        title = f"<h3>{heading}</h3>\n" if heading else ""
        return f"{title}<table>\n{rows}</table>" if rows else ""

    def _type(self, schema: Json) -> str:
        """What may stand there, with its bounds; objects lead to their own table."""
        if "$ref" in schema:
            name = escape(_name(schema))
            return f'<a href="#object-{name}">{name}</a>'
        if "anyOf" in schema:
            return f" {self._word('or')} ".join(map(self._type, schema["anyOf"]))
        if "enum" in schema:
            return " ".join(
                f"<code>{'null' if value is None else escape(str(value))}</code>" for value in schema["enum"]
            )
        kinds = schema.get("type", "object")
        kinds = [kinds] if isinstance(kinds, str) else kinds
        shown = f" {self._word('or')} ".join(escape(kind) for kind in kinds)
        if "items" in schema:
            shown += f" [{self._type(schema['items'])}]"
        return shown + "".join(
            f" {sign}{schema[bound]}{escape(unit)}"
            for bound, sign, unit in (
                ("format", "", ""),
                ("minimum", "≥ ", ""),
                ("maximum", "≤ ", ""),
                ("maxLength", "≤ ", self._word("characters")),
                ("maxItems", "≤ ", self._word("items")),
                ("maxProperties", "≤ ", self._word("items")),
            )
            if bound in schema
        )

    def _catalogue(self) -> str:
        lines = []
        for kind, heading in (("code", "codes"), ("reason", "reasons")):
            lines.append(f'<h2 id="{heading}">{self._word(heading)}</h2>\n<table>')
            for entry in entries(self._language):
                if entry.kind != kind:
                    continue
                number = f"{self._status[Code(entry.name)]}<br>" if kind == "code" else ""
                lines.append(
                    f'<tr id="{kind}-{entry.name}"><td>{number}<code>{entry.name}</code></td>'
                    f"<td><b>{escape(entry.title)}</b><br>{escape(entry.detail)}<br>"
                    f"<i>{escape(entry.suggested_action)}</i></td></tr>"
                )
            lines.append("</table>")
        return "\n".join(lines)


def _name(reference: Json) -> str:
    return str(reference["$ref"].rpartition("/")[2])


_CODE = re.compile("`([^`]+)`")


def _marked(said: str) -> str:
    return _CODE.sub(r"<code>\1</code>", escape(said))


def _curl(method: str, path: str, call: Json) -> str:
    """The call as a line for a shell, with its examples filled in."""
    for parameter in call["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    words = ["curl" if method == "GET" else f"curl -X {method}", f'"$POSTHOUSE_BASE_URL{path}"']
    if call["security"]:
        words.append('-H "Authorization: Bearer $POSTHOUSE_API_KEY"')
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "example" in body:
        document = json.dumps(body["example"], ensure_ascii=False).replace("'", "'\\''")
        words += ["-H 'Content-Type: application/json'", f"-d '{document}'"]
    return " \\\n  ".join(words)
