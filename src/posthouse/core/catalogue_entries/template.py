"""Entries about templates and signatures, and about what an account does not let pass."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text
from posthouse.core.errors import Code

_VARIABLES = {"known": "the template's variables, separated by commas"}
_FOREIGN = Text(
    "The text is not a template as {notation} writes them, from position {position} on.",
    "从第 {position} 个字符起，内容不符合{notation}的模板写法。",
)

TEMPLATE: Mapping[Code, Entry] = {
    Code.INVALID_TEMPLATE: Entry(
        title=Text("Invalid template text", "模板内容有误"),
        detail=Text("The template's text cannot be read.", "模板内容无法识别。"),
        precise=(
            _FOREIGN,
            Text(
                "The template's text cannot be read at position {position}: {fault}.",
                "模板内容第 {position} 个字符处有误：{fault}。",
            ),
            Text(
                "A template may have at most {limit} variables.",
                "模板最多可以有 {limit} 个变量。",
            ),
            Text("The template's text cannot be read: {fault}.", "模板内容有误：{fault}。"),
        ),
        facts={
            "position": "where it stands, from 1",
            "fault": "what is wrong there",
            "notation": "the vendor whose way of writing was expected",
            "limit": "the most variables",
        },
        action=Text(
            "Write a variable's name, of letters, digits and underscores, in braces; "
            "for a brace in the text itself write it twice.",
            "变量名写在花括号内，由文字、数字和下划线组成；需要花括号本身时，请连写两个。",
        ),
        instead={
            _FOREIGN: Text(
                "Name the vendor whose template this is, or correct the variable that stands there.",
                "请选择该模板实际所属的服务商，或更正该处的变量。",
            )
        },
    ),
    Code.MISSING_PARAM: Entry(
        title=Text("Template variable missing", "缺少模板变量"),
        detail=Text("A variable of the template has no value.", "模板中有变量没有填写。"),
        precise=(
            Text(
                "The variable '{param}' has no value; the template's variables are: {known}.",
                "缺少变量 {param}，该模板的变量为：{known}。",
            ),
        ),
        facts=_VARIABLES,
        action=Text(
            "Give a value to every variable of the template.",
            "请为模板的每个变量填写值。",
        ),
    ),
    Code.UNKNOWN_PARAM: Entry(
        title=Text("No such template variable", "模板中没有该变量"),
        detail=Text("The template has no variable of that name.", "模板中没有这个变量。"),
        precise=(
            Text(
                "The template has no variable '{param}'; its variables are: {known}.",
                "模板中没有变量 {param}，该模板的变量为：{known}。",
            ),
            Text("The template has no variable '{param}'.", "模板中没有变量 {param}。"),
        ),
        facts=_VARIABLES,
        action=Text(
            "Correct the name or leave the variable out; the template's text shows which ones it has.",
            "请更正变量名或删除该变量；变量以模板内容为准。",
        ),
    ),
    Code.INVALID_PARAM: Entry(
        title=Text("Template variable invalid", "模板变量的值无效"),
        detail=Text("A variable's value cannot be put into the template.", "有变量的值不能填入模板。"),
        precise=(
            Text(
                "The variable '{param}' has {length} characters; at most {limit} are allowed.",
                "变量 {param} 有 {length} 个字符，最多允许 {limit} 个。",
            ),
            Text("The variable '{param}' cannot be used: {fault}.", "变量 {param} 的值不可用：{fault}。"),
        ),
        facts={
            "length": "its characters",
            "limit": "the most characters",
            "fault": "what is wrong with it",
        },
        action=Text(
            "Shorten or clean up the value; the template's variables say how long each may be.",
            "请缩短该值或去掉不允许的字符；如确需更长，请在模板中放宽该变量的长度。",
        ),
    ),
    Code.TEMPLATE_DELETED: Entry(
        title=Text("Template deleted", "模板已删除"),
        detail=Text("The template was deleted and can no longer be used.", "该模板已删除，不能再用于发送。"),
        action=Text(
            "Use another template; the id of a deleted one is never used again.",
            "请改用其他模板；已删除模板的 ID 不会再次使用。",
        ),
    ),
    Code.MARKETING_TEMPLATE: Entry(
        title=Text("Marketing template", "营销模板"),
        detail=Text(
            "A marketing template can only be sent for marketing.",
            "营销模板只能用于营销，不能用于其他用途。",
        ),
        action=Text(
            "Leave the purpose out, or use a template of another kind.",
            "请不要指定用途，或改用其他类型的模板。",
        ),
    ),
    Code.UNKNOWN_SIGNATURE: Entry(
        title=Text("Signature not registered", "签名不存在"),
        detail=Text("No signature is registered under this id.", "没有登记过这个 ID 的签名。"),
        precise=(
            Text(
                "The field '{param}' names no registered signature.",
                "字段 {param} 不是已登记签名的 ID。",
            ),
        ),
        action=Text(
            "Give the id of a registered signature, or the signature itself where a name is asked for.",
            "请填写已登记签名的 ID，或在签名字段直接填写签名文字。",
        ),
    ),
    Code.SENSITIVE_WORD: Entry(
        title=Text("Sensitive word", "含有敏感词"),
        detail=Text(
            "The message contains a word on the account's block list.",
            "短信含有账户禁止发送的词语。",
        ),
        precise=(
            Text(
                "The message contains '{word}', which is on the account's block list.",
                "短信含有账户禁止发送的词语“{word}”。",
            ),
        ),
        facts={"word": "the word of the account's list"},
        action=Text(
            "Remove the word, or ask the operator to change the account's list.",
            "请修改短信内容，或联系管理员调整账户的敏感词表。",
        ),
    ),
    Code.RECIPIENT_SUPPRESSED: Entry(
        title=Text("Recipient suppressed", "号码已退订"),
        detail=Text(
            "The recipient is on the account's suppression list for this purpose.",
            "该号码在账户的退订名单中，不接收此类短信。",
        ),
        action=Text(
            "Do not send to this number. If its owner has agreed to messages again, "
            "remove the suppression first.",
            "请不要再向该号码发送；如机主重新同意接收，请先将其移出退订名单。",
        ),
    ),
    Code.RECIPIENT_LIMITED: Entry(
        title=Text("Too many messages for one number", "该号码接收过于频繁"),
        detail=Text(
            "The number has had as many messages as the account allows.",
            "发往该号码的短信条数已达账户设定的上限。",
        ),
        precise=(
            Text(
                "A number may get at most {limit} such messages in {window}; try again in {retry_after_s} s.",
                "同一号码每{window}最多接收 {limit} 条此类短信，{retry_after_s} 秒后可重试。",
            ),
        ),
        facts={
            "limit": "messages a number may get",
            "window": "in which time: `minute`, `hour` or `day`",
            "retry_after_s": "when to try again, in seconds",
        },
        action=Text(
            "Wait as long as Retry-After says, or ask the operator to change the account's limits.",
            "请等待 Retry-After 指示的时间，或联系管理员调整账户的频率限制。",
        ),
        retryable=True,
    ),
    Code.TOO_MANY: Entry(
        title=Text("Limit reached", "数量已达上限"),
        detail=Text("The account has as many of these as it is allowed.", "账户中该类资源的数量已达上限。"),
        precise=(
            Text(
                "An account may have at most {limit} of these.",
                "每个账户最多 {limit} 个。",
            ),
        ),
        facts={"limit": "the most there may be"},
        action=Text(
            "Delete those that are no longer needed.",
            "请先删除不再使用的项目。",
        ),
    ),
}
