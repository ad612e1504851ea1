"""What a generic HTTP channel can be told; `http_presets.py` has values for it."""

from posthouse.core.ports.vendor import Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "preset",
        (
            "values for the settings below: `kannel`, `json` (a plain webhook), or none",
            "以下各项的预设值：`kannel`、`json`（简单 webhook），或不用",
        ),
        choices=("", "kannel", "json"),
    ),
    Setting("base_url", ("in front of a `url` that begins with /", "`url` 以 / 开头时，加在其前")),
    Setting(
        "url",
        ("address to call, with {placeholders} in path and query", "请求地址，路径与参数中可用 {占位符}"),
    ),
    Setting("method", ("GET, POST or PUT", "GET、POST 或 PUT"), choices=("", "GET", "POST", "PUT")),
    Setting(
        "headers", ("JSON object of headers, with {placeholders}", "请求头的 JSON 对象，值中可用 {占位符}")
    ),
    Setting("content_type", ("of the body; decides how values are escaped", "正文类型；决定如何转义")),
    Setting(
        "body",
        (
            "the body, with {placeholders}; {{ and }} for braces",
            "请求正文，可用 {占位符}；花括号写作 {{ 与 }}",
        ),
    ),
    Setting("account", ("value of {account}", "{account} 的值")),
    Setting("username", ("value of {username}", "{username} 的值")),
    Setting("password", ("value of {password}", "{password} 的值"), secret=True),
    Setting("token", ("value of {token}", "{token} 的值"), secret=True),
    Setting("success", ("when an answer means taken", "何种应答表示已受理")),
    Setting("reference", ("where the vendor's id stands in an answer", "应答中通道消息编号的位置")),
    Setting("code", ("where the vendor's code stands in an answer", "应答中错误码的位置")),
    Setting(
        "codes",
        (
            'JSON object: vendor code → our reason; "*" for any',
            'JSON 对象：通道错误码 → 本系统原因；"*" 表示其余',
        ),
    ),
    Setting(
        "callback_query",
        (
            "what {callback_url} has behind its ?, with {placeholders}",
            "{callback_url} 问号后的内容，可用 {占位符}",
        ),
    ),
    Setting("callback_items", ("where a callback has its list, if it has one", "回调中列表所在位置（如有）")),
    Setting("callback_answer", ("text to answer callbacks with", "回调应答的文本")),
    Setting("callback_token", ("what every callback must repeat", "每个回调必须携带的值"), secret=True),
    Setting("callback_token_in", ("where it repeats it", "该值在回调中的位置")),
    Setting(
        "secret",
        ("signs requests, and callbacks must be signed with it", "用于请求签名，回调也须以此签名"),
        secret=True,
    ),
    Setting("receipt_reference", ("where a receipt has the vendor's id", "回执中消息编号的位置")),
    Setting("receipt_to", ("where it has the number", "回执中号码的位置")),
    Setting("receipt_status", ("where it has the status", "回执中状态的位置")),
    Setting("receipt_delivered", ("statuses that mean delivered", "表示送达的状态值")),
    Setting("receipt_undelivered", ("statuses that mean not delivered, for good", "表示最终未送达的状态值")),
    Setting("receipt_code", ("where it has the code", "回执中错误码的位置")),
    Setting("inbound_from", ("where a text from a handset has its sender", "上行短信中发送号码的位置")),
    Setting("inbound_to", ("where it has the number it was sent to", "上行短信中接收号码的位置")),
    Setting("inbound_text", ("where it has its text", "上行短信中内容的位置")),
    Setting("inbound_charset", ("where it names the text's character set", "上行短信中字符集的位置")),
    Setting("inbound_id", ("where it has an id", "上行短信中编号的位置")),
    Setting(
        "region", ("whose numbers senders without + are, such as CN", "不带 + 的上行号码属于哪个地区，如 CN")
    ),
)
