"""Entries about the request itself: its bytes, its fields, its batch and its idempotency key."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text
from posthouse.core.errors import Code

_REVERSED = Text("'{param}' is earlier than '{start}'.", "{param} 早于 {start}。")
_ROUTED = Text("Route '{route}' names this channel.", "路由 {route} 中写明了该通道。")
_NONE_ACCEPTED = Text(
    "None of the {total} recipients can be accepted, so nothing was sent.",
    "{total} 个收件人全部无法受理，因此一条都没有发送。",
)

REQUEST: Mapping[Code, Entry] = {
    Code.MALFORMED_JSON: Entry(
        title=Text("Malformed JSON", "JSON 格式有误"),
        detail=Text("The request body is not valid JSON.", "请求体不是合法的 JSON。"),
        precise=(
            Text(
                "The request body is not valid JSON: reading stopped at line {line}, column {column}.",
                "请求体不是合法的 JSON，解析到第 {line} 行第 {column} 列时出错。",
            ),
        ),
        facts={"line": "where reading stopped, from 1", "column": "where reading stopped, from 1"},
        action=Text(
            "Correct the JSON and send it again; a JSON library that builds the body avoids such mistakes.",
            "请修正 JSON 后重新提交；建议用 JSON 库生成请求体，不要手工拼接字符串。",
        ),
    ),
    Code.NOT_UTF8: Entry(
        title=Text("Not UTF-8", "编码不是 UTF-8"),
        detail=Text("The request body is not valid UTF-8.", "请求体不是有效的 UTF-8 编码。"),
        precise=(
            Text(
                "The request body is not valid UTF-8: byte {offset} cannot be decoded.",
                "请求体不是有效的 UTF-8 编码，第 {offset} 个字节无法解码。",
            ),
        ),
        facts={"offset": "the first bad byte, from 1"},
        action=Text(
            "Encode the body as UTF-8; convert texts held in GBK or Latin-1 first.",
            "请以 UTF-8 编码发送；原文若是 GBK 等编码，请先转换。",
        ),
    ),
    Code.TOO_DEEP: Entry(
        title=Text("JSON nested too deeply", "JSON 嵌套过深"),
        detail=Text("The request body nests objects and lists too deeply.", "请求体中的对象或数组嵌套过深。"),
        precise=(
            Text(
                "The request body nests objects and lists more than {limit} levels deep.",
                "请求体中的对象或数组嵌套超过了 {limit} 层。",
            ),
        ),
        facts={"limit": "levels we read"},
        action=Text(
            "Flatten the body; no call needs more than a few levels.", "请减少嵌套，正常的请求只需要几层。"
        ),
    ),
    Code.BODY_TOO_LARGE: Entry(
        title=Text("Body too large", "请求体过大"),
        detail=Text("The request body is larger than this server accepts.", "请求体超过了允许的大小。"),
        precise=(
            Text(
                "The request body is larger than the {limit_bytes} bytes this call accepts.",
                "请求体超过了该接口 {limit_bytes} 字节的上限。",
            ),
        ),
        facts={"limit_bytes": "the largest body accepted"},
        action=Text(
            "Put fewer recipients or messages into one request and spread the rest over several.",
            "请减少单次提交的收件人或短信，分多次请求发送。",
        ),
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: Entry(
        title=Text("Unsupported media type", "不支持的内容类型"),
        detail=Text("The Content-Type of the request is not one we read.", "不支持该请求的 Content-Type。"),
        precise=(
            Text("This call reads bodies of type {accepted} only.", "该接口只接受 {accepted} 类型的请求体。"),
        ),
        facts={"accepted": "the media type to send"},
        action=Text(
            "Set the Content-Type the API reference names, usually application/json.",
            "请按接口文档设置 Content-Type，通常为 application/json。",
        ),
    ),
    Code.INVALID_REQUEST: Entry(
        title=Text("Invalid request", "请求无效"),
        detail=Text("The request does not have the form this call expects.", "请求不符合该接口的要求。"),
        precise=(
            Text(
                "The field '{param}' does not have the form this call expects.",
                "字段 {param} 不符合该接口的要求。",
            ),
        ),
        action=Text(
            "Compare the request with the API reference and correct it.", "请对照接口文档修改后重新提交。"
        ),
    ),
    Code.MISSING_FIELD: Entry(
        title=Text("Missing field", "缺少必填字段"),
        detail=Text("A required field is missing.", "缺少必填字段。"),
        precise=(Text("The required field '{param}' is missing.", "缺少必填字段 {param}。"),),
        action=Text("Add the field and send the request again.", "请补上该字段后重新提交。"),
    ),
    Code.UNKNOWN_FIELD: Entry(
        title=Text("Unknown field", "未知字段"),
        detail=Text("The request holds a field this call does not know.", "请求中有该接口没有定义的字段。"),
        precise=(
            Text(
                "'{param}' is not a field of this call; did you mean '{nearest}'?",
                "该接口没有定义字段 {param}，您要填的是不是 {nearest}？",
            ),
            Text("'{param}' is not a field of this call.", "该接口没有定义字段 {param}。"),
        ),
        facts={"nearest": "the field of ours with the most similar name"},
        action=Text(
            "Remove the field or correct its name; upper and lower case matter.",
            "请删除该字段，或检查字段名的拼写和大小写。",
        ),
    ),
    Code.WRONG_TYPE: Entry(
        title=Text("Wrong type", "字段类型错误"),
        detail=Text("A field holds a value of the wrong type.", "有字段的值类型不对。"),
        precise=(
            Text("The field '{param}' must be {expected}.", "字段 {param} 应为{expected}。"),
            Text("The field '{param}' holds a value of the wrong type.", "字段 {param} 的值类型不对。"),
        ),
        facts={"expected": "JSON types: string, integer, number, boolean, array, object, string or integer"},
        action=Text(
            "Send the type the API reference names: numbers and true or false unquoted, texts in quotes.",
            "请按接口文档规定的类型传值：数字和布尔值不加引号，文本要加引号。",
        ),
    ),
    Code.INVALID_VALUE: Entry(
        title=Text("Invalid value", "字段取值无效"),
        detail=Text("A field holds a value that is not allowed here.", "有字段的取值无效。"),
        precise=(
            Text("The field '{param}' must be one of: {allowed}.", "字段 {param} 只能取以下值：{allowed}。"),
            Text(
                "The field '{param}' must be from {minimum} to {maximum}.",
                "字段 {param} 应在 {minimum} 到 {maximum} 之间。",
            ),
            Text("The field '{param}' must be at least {minimum}.", "字段 {param} 不能小于 {minimum}。"),
            Text("The field '{param}' must be at most {maximum}.", "字段 {param} 不能大于 {maximum}。"),
            Text(
                "The field '{param}' must be at most {length_max} characters long.",
                "字段 {param} 不能超过 {length_max} 个字符。",
            ),
            Text(
                "The name of '{param}' must be at most {name_max} characters long.",
                "字段 {param} 的名称不能超过 {name_max} 个字符。",
            ),
            Text(
                "The field '{param}' may hold at most {items_max} entries.",
                "字段 {param} 最多包含 {items_max} 项。",
            ),
            _REVERSED,
            _ROUTED,
            Text("The field '{param}' will not do: {why}.", "字段 {param} 不可用：{why}。"),
            Text("The field '{param}' must be {kind}.", "字段 {param} 应为{kind}。"),
            Text("The field '{param}' holds a value that is not allowed here.", "字段 {param} 的取值无效。"),
        ),
        facts={
            "allowed": "the values there are, separated by commas",
            "kind": "what it must be, in a word: amount, country, hours, name …",
            "minimum": "the smallest number allowed",
            "maximum": "the largest number allowed",
            "length_max": "the most characters allowed",
            "name_max": "the most characters allowed in a name",
            "items_max": "the most entries allowed",
            "start": "the field with the start of a range",
            "route": "the route that names the channel to be removed",
            "why": "what is wrong with it, in a sentence of the part that reads it",
        },
        action=Text("Choose a value the API reference allows.", "请改为接口文档允许的取值。"),
        instead={
            _REVERSED: Text("Exchange the two, or correct one of them.", "请对调两者，或更正其中之一。"),
            _ROUTED: Text(
                "Change or remove the route first, then remove the channel.",
                "请先修改或删除该路由，再删除通道。",
            ),
        },
    ),
    Code.UNSUPPORTED_FIELD: Entry(
        title=Text("Field not supported yet", "字段暂不支持"),
        detail=Text(
            "The request uses a field reserved for a feature this server does not have yet.",
            "请求使用了当前版本尚未支持的字段。",
        ),
        precise=(
            Text(
                "The field '{param}' is reserved for a feature this server does not have yet.",
                "当前版本尚未支持字段 {param}。",
            ),
        ),
        action=Text(
            "Leave the field out; the rest of the request may stay as it is.",
            "请去掉该字段后重新提交，其余内容无需改动。",
        ),
    ),
    Code.CONTENT_MISSING: Entry(
        title=Text("Nothing to send", "缺少短信内容"),
        detail=Text(
            "Neither 'body' nor 'template_id' was given, so there is nothing to send.",
            "body 和 template_id 都没有填写，没有可发送的内容。",
        ),
        precise=(
            Text(
                "Neither '{text_field}' nor '{template_field}' was given, so there is nothing to send.",
                "{text_field} 和 {template_field} 都没有填写，没有可发送的内容。",
            ),
        ),
        facts={
            "text_field": "the dialect's name for the text",
            "template_field": "and for the template's id",
        },
        action=Text("Give either a text or a template.", "请填写短信正文或指定模板，二者选一。"),
    ),
    Code.CONTENT_CONFLICT: Entry(
        title=Text("Text and template together", "正文与模板不能同时使用"),
        detail=Text(
            "Both 'body' and 'template_id' were given; a message has one or the other.",
            "body 和 template_id 同时填写了，一条短信只能使用其中一个。",
        ),
        precise=(
            Text(
                "Both '{text_field}' and '{template_field}' were given; a message has one or the other.",
                "{text_field} 和 {template_field} 同时填写了，一条短信只能使用其中一个。",
            ),
        ),
        facts={
            "text_field": "the dialect's name for the text",
            "template_field": "and for the template's id",
        },
        action=Text("Keep the one you mean and leave the other out.", "请保留需要的一个，去掉另一个。"),
    ),
    Code.BATCH_EMPTY: Entry(
        title=Text("Empty batch", "批量列表为空"),
        detail=Text("The batch names no recipient.", "批量请求中没有收件人。"),
        action=Text("Add at least one recipient.", "请至少填写一个收件人。"),
    ),
    Code.BATCH_TOO_LARGE: Entry(
        title=Text("Batch too large", "批量条数超限"),
        detail=Text("The batch holds more messages than one request may.", "批量条数超过了单次提交的上限。"),
        precise=(
            Text(
                "The batch holds {count} messages; one request may hold {limit}.",
                "本次提交了 {count} 条，单次最多 {limit} 条。",
            ),
            Text("One request may hold at most {limit} messages.", "单次最多提交 {limit} 条。"),
        ),
        facts={"count": "messages in the batch", "limit": "messages one request may hold"},
        action=Text(
            "Split it into several requests, each with an idempotency key of its own.",
            "请拆成多次提交，每次使用不同的幂等键。",
        ),
    ),
    Code.BATCH_REFUSED: Entry(
        title=Text("Batch refused", "整批未受理"),
        detail=Text(
            "Some recipients cannot be accepted and the batch asked for all or none, so nothing was sent.",
            "部分收件人无法受理，而本批要求全部受理才发送，因此一条都没有发送。",
        ),
        precise=(
            Text(
                "{rejected} of {total} recipients cannot be accepted and the batch asked for all or none, "
                "so nothing was sent.",
                "{total} 个收件人中有 {rejected} 个无法受理，而本批要求全部受理才发送，因此一条都没有发送。",
            ),
            _NONE_ACCEPTED,
        ),
        facts={"rejected": "recipients that cannot be accepted", "total": "recipients in the batch"},
        action=Text(
            "Correct or remove those recipients, or set on_error to accept_rest to send to the others.",
            "请更正或移除这些收件人；如允许只发送其余部分，请将 on_error 设为 accept_rest。",
        ),
        instead={
            _NONE_ACCEPTED: Text(
                "Correct the recipients as `rejected` says, then send the batch again.",
                "请按 rejected 中的说明更正收件人后重新提交。",
            )
        },
    ),
    Code.IDEMPOTENCY_KEY_INVALID: Entry(
        title=Text("Invalid idempotency key", "幂等键无效"),
        detail=Text(
            "An idempotency key must have 1 to 255 characters.", "幂等键的长度应为 1 到 255 个字符。"
        ),
        precise=(
            Text(
                "The idempotency key has {length} characters; it must have 1 to 255.",
                "幂等键的长度为 {length} 个字符，应为 1 到 255 个字符。",
            ),
        ),
        facts={"length": "characters in the key"},
        action=Text(
            "Use one short unique value for each operation, such as a UUID or your own order number.",
            "请为每次业务操作使用一个简短、唯一的值，例如 UUID 或业务单号。",
        ),
    ),
    Code.IDEMPOTENCY_KEY_CONFLICT: Entry(
        title=Text("Two idempotency keys", "幂等键不一致"),
        detail=Text(
            "The Idempotency-Key header and the body hold different keys.",
            "请求头 Idempotency-Key 与请求体中的幂等键不一致。",
        ),
        action=Text(
            "Send the key in one place only, or the same key in both.",
            "请只在一处填写幂等键，或让两处保持一致。",
        ),
    ),
    Code.IDEMPOTENCY_KEY_REUSED: Entry(
        title=Text("Idempotency key already used", "幂等键已被使用"),
        detail=Text(
            "This idempotency key belongs to an earlier, different request; this one was not carried out.",
            "该幂等键已用于另一个内容不同的请求，本次请求未执行。",
        ),
        action=Text(
            "Use a new key for a new operation; to repeat the earlier one, send it unchanged.",
            "新的操作请换用新的幂等键；如果是重试，请保持内容与首次请求完全一致。",
        ),
    ),
}
