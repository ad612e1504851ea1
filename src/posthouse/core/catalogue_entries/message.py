"""Entries about one message: its number, its text, its vendor, its times and its labels."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text
from posthouse.core.errors import Code

_UNBOUND = Text("There is no vendor and no channel called '{bound}'.", "没有名为 {bound} 的服务商或通道。")

MESSAGE: Mapping[Code, Entry] = {
    Code.INVALID_NUMBER: Entry(
        title=Text("Invalid phone number", "手机号码无效"),
        detail=Text("A recipient is not a phone number.", "收件人不是有效的手机号码。"),
        precise=(
            Text(
                "The field '{param}' is not a phone number: {problem}.",
                "字段 {param} 不是有效的手机号码：{problem}。",
            ),
            Text("The field '{param}' is not a phone number.", "字段 {param} 不是有效的手机号码。"),
        ),
        facts={"problem": "a `phone.NumberProblem`"},
        action=Text(
            "Write the number with its country code, such as +15555550123, and check its length.",
            "请加上国家代码并核对位数，例如 +8613800138000。",
        ),
    ),
    Code.INVISIBLE_CHARACTERS: Entry(
        title=Text("Invisible characters", "含有不可见字符"),
        detail=Text(
            "A field holds an invisible or text-direction character.",
            "有字段含有不可见字符或文字方向控制符。",
        ),
        precise=(
            Text(
                "The field '{param}' holds the invisible character {codepoint} at position {position}.",
                "字段 {param} 的第 {position} 个字符是不可见字符 {codepoint}。",
            ),
            Text(
                "The field '{param}' holds an invisible or text-direction character.",
                "字段 {param} 含有不可见字符或文字方向控制符。",
            ),
        ),
        facts={"codepoint": "the character, as U+200B", "position": "where it stands, from 1"},
        action=Text(
            "Type the value anew or strip such characters; copying from web pages and sheets brings them in.",
            "请重新手工输入，或先清除这类字符；它们通常是从网页或表格中复制时带入的。",
        ),
    ),
    Code.EMPTY_TEXT: Entry(
        title=Text("Empty text", "短信内容为空"),
        detail=Text("The message has no visible text.", "短信正文为空或只有空白字符。"),
        precise=(Text("The field '{param}' has no visible text.", "字段 {param} 为空或只有空白字符。"),),
        action=Text(
            "Give the message a text; with a template, check that its parameters are filled.",
            "请填写短信正文；使用模板时，请检查参数是否已填写。",
        ),
    ),
    Code.TEXT_TOO_LONG: Entry(
        title=Text("Text too long", "短信内容过长"),
        detail=Text(
            "The text, signature included, needs more parts than one message may have.",
            "短信连同签名的长度超过了上限。",
        ),
        precise=(
            Text(
                "The text, signature included, needs {parts} parts; a message may have at most {limit}.",
                "短信连同签名需要拆分为 {parts} 条，最多允许 {limit} 条。",
            ),
            Text(
                "The text, signature included, needs more than the {limit} parts a message may have.",
                "短信连同签名需要拆分的条数超过了上限 {limit} 条。",
            ),
        ),
        facts={"parts": "parts the text would need", "limit": "parts a message may have"},
        action=Text(
            "Shorten the text or send it as several. A part of a long text holds 153 characters, and only 67 "
            "once one of them (a curly quote, an emoji, a Chinese character) lies outside GSM-7.",
            "请精简内容或分成几条发送；含中文的长短信每 67 个字符计一条。",
        ),
    ),
    Code.INVALID_TEXT: Entry(
        title=Text("Text cannot be sent", "短信含有非法字符"),
        detail=Text(
            "The text holds a control character or half of a surrogate pair.",
            "短信正文含有控制字符或不完整的字符。",
        ),
        precise=(
            Text(
                "The field '{param}' holds {codepoint} at position {position}, which cannot be sent.",
                "字段 {param} 的第 {position} 个字符 {codepoint} 无法发送。",
            ),
            Text(
                "The field '{param}' holds a control character or half of a surrogate pair.",
                "字段 {param} 含有控制字符或不完整的字符。",
            ),
        ),
        facts={"codepoint": "the character, as U+0007", "position": "where it stands, from 1"},
        action=Text(
            "Remove the character; line breaks may stay. An emoji cut in half is a common cause.",
            "请删除该字符，换行可以保留；常见原因是按长度截断时把表情符号切成了两半。",
        ),
    ),
    Code.UNKNOWN_VENDOR: Entry(
        title=Text("Unknown vendor", "服务商不存在"),
        detail=Text("There is no vendor of that name.", "没有这个名称的服务商。"),
        precise=(
            _UNBOUND,
            Text(
                "There is no vendor called '{vendor}'; did you mean '{nearest}'?",
                "没有名为 {vendor} 的服务商，您要填的是不是 {nearest}？",
            ),
            Text("There is no vendor called '{vendor}'.", "没有名为 {vendor} 的服务商。"),
        ),
        facts={
            "vendor": "the name asked for",
            "nearest": "the vendor with the most similar name",
            "bound": "the name that something was to be bound to",
        },
        action=Text(
            "Correct the name. To send a message, you may also leave the vendor out and let us choose.",
            "请检查名称。发送短信时也可以不指定服务商，由系统自动选择通道。",
        ),
        instead={
            _UNBOUND: Text(
                "Correct the name: a vendor's, such as aliyun, or that of a channel of yours.",
                "请更正名称：填写服务商名称（例如 aliyun），或当前账户可用的通道名称。",
            )
        },
    ),
    Code.VENDOR_NOT_CONFIGURED: Entry(
        title=Text("Vendor has no channel", "服务商未配置通道"),
        detail=Text("The vendor asked for has no channel on this server.", "指定的服务商未配置通道。"),
        precise=(
            Text("The vendor '{vendor}' has no channel on this server.", "服务商 {vendor} 未配置通道。"),
        ),
        facts={"vendor": "the name asked for"},
        action=Text(
            "Ask the operator to add a channel, or leave the vendor out and let us choose one.",
            "请联系管理员添加通道，或不指定服务商，由系统自动选择通道。",
        ),
    ),
    Code.SEND_AT_IN_PAST: Entry(
        title=Text("Send time in the past", "定时发送时间已过"),
        detail=Text("The time to send at has already passed.", "定时发送的时间已经过去。"),
        precise=(
            Text(
                "The time to send at has already passed; the server's clock says {now}.",
                "定时发送的时间已经过去，服务器当前时间为 {now}。",
            ),
        ),
        facts={"now": "the server's time, as 2026-11-21T08:00:00Z"},
        action=Text(
            "Choose a later time, minding its time zone, or leave it out to send at once.",
            "请改为将来的时间并注意时区；如需立即发送，不填即可。",
        ),
    ),
    Code.SEND_AT_TOO_FAR: Entry(
        title=Text("Send time too far ahead", "定时发送时间过晚"),
        detail=Text(
            "The time to send at is further ahead than messages can be scheduled.",
            "定时发送的时间超出了可预约的范围。",
        ),
        precise=(
            Text("A message can be scheduled at most {days} days ahead.", "最多只能预约 {days} 天内的发送。"),
        ),
        facts={"days": "how far ahead messages can be scheduled"},
        action=Text(
            "Choose an earlier time, or submit the message nearer to it.",
            "请改为更早的时间，或临近时再提交。",
        ),
    ),
    Code.INVALID_TIME: Entry(
        title=Text("Invalid time", "时间格式错误"),
        detail=Text("A time could not be read.", "有时间字段无法识别。"),
        precise=(
            Text(
                "The field '{param}' is not a time of the form {form}.",
                "字段 {param} 不是 {form} 格式的时间。",
            ),
            Text("The field '{param}' is not a time we can read.", "字段 {param} 的时间无法识别。"),
        ),
        facts={"form": "the notation expected, as yyyyMMddHHmmss"},
        action=Text(
            "Write a real date as the API reference shows; /v1 reads RFC 3339, as 2026-12-01T08:00:00Z.",
            "请按接口文档的格式填写真实存在的日期和时间；/v1 使用 RFC 3339，例如 2026-12-01T08:00:00+08:00。",
        ),
    ),
    Code.INVALID_VALIDITY: Entry(
        title=Text("Invalid validity", "有效期无效"),
        detail=Text("The message's validity is outside the range allowed.", "短信有效期超出了允许的范围。"),
        precise=(
            Text(
                "The message's validity must be from 1 to {limit} seconds.",
                "短信有效期应在 1 到 {limit} 秒之间。",
            ),
        ),
        facts={"limit": "the longest validity, in seconds"},
        action=Text(
            "Choose a validity within the range, or leave it out for the default.",
            "请在允许的范围内取值，或不填以使用默认有效期。",
        ),
    ),
    Code.INVALID_PURPOSE: Entry(
        title=Text("Invalid purpose", "用途无效"),
        detail=Text("The purpose given cannot be used here.", "所填的用途不可用。"),
        precise=(Text("The purpose must be one of: {allowed}.", "用途只能取以下值：{allowed}。"),),
        facts={"allowed": "the purposes there are, separated by commas"},
        action=Text(
            "Messages are for otp, notification or marketing; verifications take a short label of your own.",
            "短信的用途为 otp、notification 或 marketing；验证码的用途是您自定义的简短标签。",
        ),
    ),
    Code.INVALID_SENDER: Entry(
        title=Text("Invalid sender", "发件标识无效"),
        detail=Text(
            "The sender is not a usable number, short code or sender id.", "发件方不是可用的号码或发件标识。"
        ),
        precise=(
            Text(
                "The field '{param}' is not a usable number, short code or sender id.",
                "字段 {param} 不是可用的号码或发件标识。",
            ),
        ),
        action=Text(
            "Use a sender set up on a channel, or leave it out and let us choose one.",
            "请使用通道上已配置的号码或发件标识，或不填，由系统选择。",
        ),
    ),
    Code.INVALID_SIGNATURE: Entry(
        title=Text("Invalid signature", "短信签名无效"),
        detail=Text("The signature cannot be used as given.", "所填的短信签名不可用。"),
        precise=(
            Text(
                "A signature must have {minimum} to {maximum} characters, brackets not included.",
                "短信签名应为 {minimum} 到 {maximum} 个字符，不含【】。",
            ),
            Text("The signature cannot be used: {fault}.", "短信签名不可用：{fault}。"),
        ),
        facts={
            "minimum": "the fewest characters",
            "maximum": "the most characters",
            "fault": "what is wrong with it",
        },
        action=Text(
            "Give the bare name; we put it into 【】 and place it in front of the text.",
            "只需填写签名文字，不要带【】，系统会自动加在短信开头。",
        ),
    ),
    Code.INVALID_METADATA: Entry(
        title=Text("Invalid metadata", "元数据无效"),
        detail=Text(
            "The metadata is not a small flat object of texts.",
            "元数据应为不嵌套的对象，值为文本，且不能过大。",
        ),
        precise=(
            Text(
                "The field '{param}' holds the control character {codepoint}.",
                "字段 {param} 含有控制字符 {codepoint}。",
            ),
            Text(
                "Metadata may hold {keys_max} keys, each with a text of at most {length_max} characters.",
                "元数据最多 {keys_max} 个键，每个值为不超过 {length_max} 个字符的文本。",
            ),
        ),
        facts={
            "keys_max": "the most keys",
            "length_max": "the most characters of one value",
            "codepoint": "the character, as U+0007",
        },
        action=Text(
            "Keep ids of your own in it, each on one line, without nesting, and larger data on your side.",
            "元数据适合存放业务单号等单行短文本，请勿嵌套，较大的数据请自行保存。",
        ),
    ),
}
