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
    "aggregator": Text("The aggregator API: /api", "聚合接口 /api"),
    "aggregator_keys": Text(
        "Four calls under `/api` for programs written for a Chinese SMS aggregator. They take the headers "
        "`X-API-Key` and `X-API-Secret`, the same credential as the Bearer key: `posthouse keys create` "
        "prints all three. Replies are `{success, message, data}`, their sentences Chinese.",
        "`/api` 下的四个接口，供按短信聚合平台文档编写的程序直接使用。"
        "请求头为 `X-API-Key` 和 `X-API-Secret`，与 Bearer 密钥是同一凭据，"
        "由 `posthouse keys create` 一并给出。返回格式为 `{success, message, data}`。",
    ),
    "aggregator_send": Text(
        "Send one message: phone, template_id, params", "发送短信：phone、template_id、params"
    ),
    "aggregator_batch": Text("Send to up to 100 numbers: phones", "批量发送，最多 100 个号码：phones"),
    "aggregator_records": Text(
        "What was sent: page, per_page, status, start_time, end_time",
        "查询发送记录：page、per_page、status、start_time、end_time",
    ),
    "aggregator_account": Text("Balance and counters", "查询余额与发送量"),
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

AGGREGATOR = (
    ("POST", "/api/sms/send", "aggregator_send"),
    ("POST", "/api/sms/batch-send", "aggregator_batch"),
    ("GET", "/api/sms/records", "aggregator_records"),
    ("GET", "/api/account/info", "aggregator_account"),
)
"""The calls of `/api`, each with the word that tells what it does."""
