"""The client for TypeScript as users have it: installed with npm, in a project of their own."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.documents.document import HERE
from tests.sdk.typescript_tools import (
    COMPILER,
    PACKAGE,
    TOOLS,
    install,
    needs_compiler,
    needs_node,
    needs_npm,
    run,
)

pytestmark = [needs_node, needs_npm]

DOCUMENT = (HERE / "platform.txt").read_text(encoding="utf-8")
ALIAS = f"@infrai/sdk@file:{PACKAGE}"

LOADS_BOTH_WAYS = """
import assert from "node:assert/strict";
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const name of process.argv.slice(2)) {
  const [imported, required] = [await import(name), require(name)];
  for (const { InfraiClient, PosthouseClient, ROUTES } of [imported, required]) {
    assert.equal(InfraiClient, PosthouseClient);
    assert.equal(ROUTES["sms.send"].path, "/v1/sms/send");
    assert.equal(typeof new InfraiClient().sms.send, "function");
  }
  for (const testing of [await import(`${name}/testing`), require(`${name}/testing`)]) {
    assert.equal(typeof testing.SmsOutbox, "function");
  }
}
"""

# By `require`, and without the types of browsers: what they alone have would be `any` here, unseen.
REQUIRES = """
import sdk = require("@infrai/sdk");
import testing = require("@posthouse/sdk/testing");
type Known<T> = 0 extends 1 & T ? never : T;
type Given = Required<sdk.ClientOptions & sdk.RequestOptions>;
export const known: readonly Known<unknown>[] = [
  0 as unknown as Known<sdk.Answer<1>["response"]> satisfies Response,
  0 as unknown as Known<NonNullable<Given["fetch"]>> satisfies typeof fetch,
  0 as unknown as Known<NonNullable<Given["signal"]>> satisfies AbortSignal,
  0 as unknown as Known<sdk.WebhookHeaders> satisfies Headers | Record<string, unknown>,
];
export const code: Promise<string> = new testing.SmsOutbox(new sdk.InfraiClient()).lastCode("+1");
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    """An empty directory, then both names of the package in it."""
    project: Path = tmp_path_factory.mktemp("project")
    install(project, str(PACKAGE))
    install(project, ALIAS)
    (project / "loads.mjs").write_text(LOADS_BOTH_WAYS)
    return project


@pytest.fixture(scope="module")
def program(project: Path) -> Path:
    """The document's lines and the READMEs' as one project, checked strictly and translated."""
    (project / "document.mts").write_text(document_program())
    (project / "required.cts").write_text(REQUIRES)
    for snippet in snippets():
        (project / snippet.file).write_text(f"{snippet.text}\nexport {{}};\n")
    settings = {
        "compilerOptions": {
            "target": "ES2022",
            "lib": ["ES2022"],
            "module": "NodeNext",
            "strict": True,
            "noUncheckedIndexedAccess": True,
            "exactOptionalPropertyTypes": True,
            "noEmitOnError": True,
            # As `tsc --init` sets it: Node's own types are not ours to check.
            "skipLibCheck": True,
            "typeRoots": [str(TOOLS / "node_modules" / "@types")],
            "types": ["node"],
        },
        "include": ["*.mts", "*.cts"],
    }
    (project / "tsconfig.json").write_text(json.dumps(settings))
    run("node", COMPILER, "--project", str(project))
    return project


def test_from_an_empty_directory_it_is_installed_at_once_under_both_names(project):
    run("node", "loads.mjs", "@posthouse/sdk", "@infrai/sdk", within=project)


def test_it_is_installed_as_a_copy_too(tmp_path):
    install(tmp_path, str(PACKAGE), ALIAS, "--install-links")
    (tmp_path / "loads.mjs").write_text(LOADS_BOTH_WAYS)
    copied = tmp_path / "node_modules" / "@infrai" / "sdk"
    assert not copied.is_symlink()
    assert {path.name for path in copied.iterdir()} == {
        "LICENSE",
        "README.md",
        "README.zh-CN.md",
        "dist",
        "package.json",
    }
    run("node", "loads.mjs", "@posthouse/sdk", "@infrai/sdk", within=tmp_path)


@needs_compiler
def test_the_documents_typescript_runs_as_it_stands(program, house, base_url):
    said = json.loads(
        run("node", "document.mjs", within=program, INFRAI_API_KEY=house.key, INFRAI_BASE_URL=base_url)
    )
    assert said["sent"].keys() >= {"sms_id", "to", "state", "vendor", "segments", "created_at"}
    assert said["status"]["sms_id"] == said["sent"]["sms_id"]
    assert said["otp"].keys() >= {"request_id", "expires_at"}
    assert said["verify"] == {"valid": False}


@needs_compiler
def test_the_readmes_first_lines_send_and_verify_a_code(program, house, base_url, tmp_path):
    for language in ("README.md", "README.zh-CN.md"):
        first = next(snippet for snippet in snippets() if snippet.readme == language)
        assert ".otp(" in first.text
        assert ".verify(" in first.text
        home = tmp_path / language
        home.mkdir()
        script = Path(first.file).with_suffix(".mjs").name
        said = run("node", script, within=program, HOME=str(home), POSTHOUSE_BASE_URL=base_url)
        assert said == "true\n"
        assert (home / ".infrai" / "credentials").stat().st_mode & 0o777 == 0o600


def test_both_readmes_show_the_same_code():
    english, chinese = (
        [re.sub(r'"[^"]*"|//.*', "", each.text) for each in snippets() if each.readme == name]
        for name in ("README.md", "README.zh-CN.md")
    )
    assert len(english) >= 6
    assert english == chinese


@dataclass(frozen=True)
class Snippet:
    """A block of TypeScript in a README."""

    readme: str
    number: int
    text: str

    @property
    def file(self) -> str:
        return f"{self.readme.removesuffix('.md').lower().replace('.', '-')}-{self.number}.mts"


def snippets() -> Iterator[Snippet]:
    for readme in ("README.md", "README.zh-CN.md"):
        text = (PACKAGE / readme).read_text(encoding="utf-8")
        for number, found in enumerate(re.findall(r"^```ts\n(.*?)^```", text, re.DOTALL | re.MULTILINE), 1):
            yield Snippet(readme, number, found)


def document_program() -> str:
    """The document's lines unchanged, and what its tables say as types."""
    [begun] = re.findall(r"^# TypeScript\n(.*?)方法$", DOCUMENT, re.DOTALL | re.MULTILINE)
    lines = [begun]
    signatures = re.findall(r"^client\.sms\.(\w+)\((\w+): (\w+)\): (Promise<\w+>)", DOCUMENT, re.MULTILINE)
    assert [name for name, *_ in signatures] == ["send", "status"]
    lines += [
        f"const {name}: ({argument}: {kind}) => {reply} = client.sms.{name};"
        for name, argument, kind, reply in signatures
    ]
    for name in ("otp", "verify"):
        [(method, path)] = re.findall(rf"sms\.{name}\n(\w+) (\S+)$", DOCUMENT, re.MULTILINE)
        assert f'ROUTES["sms.{name}"]' in DOCUMENT
        lines.append(f'const {name}Route: {{ method: "{method}"; path: "{path}" }} = ROUTES["sms.{name}"];')
    parameters = re.findall(
        r"^(\w+) \| string \| (必填|可选)", DOCUMENT[: DOCUMENT.index("sms.otp\n")], re.MULTILINE
    )
    assert len(parameters) == 6
    fields = [f"{name}{'' if need == '必填' else '?'}: string" for name, need in parameters]
    [record] = re.findall(r"^SmsRecord \{ (.+) \}", DOCUMENT, re.MULTILINE)
    names = " | ".join(f'"{name}"' for name in record.split(", "))
    lines += [
        f"type Table = {{ {'; '.join(fields)} }};",
        "const options: SmsSendOptions = { to: '+15555550123', body: 'Hi' } satisfies Table;",
        f"const sent: Pick<SmsRecord, {names}> = await send(options);",
        "const otp = await client.sms.otp({ to: sent.to });",
        'const guess = { to: sent.to, code: "000000" };',
        'const verify = await client.request(ROUTES["sms.verify"], { input: guess });',
        "const said = { sent, status: await status(sent.sms_id), otp, verify };",
        "console.log(JSON.stringify({ ...said, otpRoute, verifyRoute }));",
    ]
    imports = 'import { ROUTES, type SmsRecord, type SmsSendOptions } from "@infrai/sdk";\n'
    return imports + "\n".join(lines)
