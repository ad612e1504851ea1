"""The words around the reference, in both languages."""

from collections.abc import Mapping

from posthouse.core.catalogue import Text

WORDS: Mapping[str, Text] = {
    "title": Text("API reference", "接口文档"),
    "opening": Text(
        "Send your key as `Authorization: Bearer <key>`; bodies are JSON, times RFC 3339 in UTC. Undeclared "
        "fields are refused. To repeat a POST safely, give it an idempotency key: the same key with the "
        "same request gets the first reply again.",
        "在请求头 `Authorization: Bearer <密钥>` 中提供密钥；请求体为 JSON，时间为 UTC 的 RFC 3339 格式，"
        "未定义的字段会被拒绝。POST 请求带上幂等键即可放心重试：键与内容都相同的请求，得到的是首次的应答。",
    ),
    "language": Text(
        "Refusals are problem documents (RFC 9457) whose `type` leads to the code's entry. `Accept-Language` "
        "chooses English or Chinese.",
        "出错时返回 RFC 9457 格式的错误文档，其中的 `type` 指向该错误码的说明；语言由请求头 "
        "`Accept-Language` 决定。以下各接口与字段的说明为英文。",
    ),
    "limits": Text(
        "A key with a limit is told what is left in the `RateLimit` header; 429 and 503 say in `Retry-After` "
        "when to try again.",
        "设有频率限制的密钥，可从响应头 `RateLimit` 得知剩余次数；429 和 503 的响应头 `Retry-After` "
        "给出可以重试的时间。",
    ),
    "public": Text("Needs no key.", "无需密钥。"),
    "parameters": Text("Parameters", "参数"),
    "body": Text("Body", "请求体"),
    "refusals": Text("Refusals", "错误"),
    "objects": Text("Objects", "对象"),
    "codes": Text("Codes: why a request was refused", "错误码：请求为何被拒绝"),
    "reasons": Text("Reasons: why a vendor or carrier refused a message", "原因：服务商或运营商为何拒绝短信"),
    "optional": Text("optional", "选填"),
    "or": Text("or", "或"),
    "characters": Text(" characters", " 个字符"),
    "items": Text(" items", " 项"),
}
