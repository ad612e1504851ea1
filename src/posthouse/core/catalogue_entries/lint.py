"""What reviewers at vendors refuse in a template, by the rule's name: what is found, and what to do."""

from collections.abc import Mapping
from typing import NamedTuple

from posthouse.core.catalogue_entries.entry import Text


class Advice(NamedTuple):
    """A sentence about what a reviewer will see, and the remedy."""

    sentence: Text
    remedy: Text


LINT: Mapping[str, Advice] = {
    "several_signatures": Advice(
        Text(
            "The message will carry more than one signature.",
            "短信中会出现多个签名。",
        ),
        Text(
            "Keep one: either the template's signature or the one in the text.",
            "请只保留一个：模板的签名，或内容中的签名。",
        ),
    ),
    "signature_in_text": Advice(
        Text(
            "The text contains 【 or 】, which vendors in mainland China take for a signature.",
            "模板内容含有【】，国内服务商会将其视为签名。",
        ),
        Text(
            "Take it out and set the name as the template's signature; it is placed in front for you.",
            "请从内容中删除，改为填写模板的签名，发送时会自动加在开头。",
        ),
    ),
    "only_variables": Advice(
        Text(
            "The text consists of variables only, so a reviewer cannot tell what it says.",
            "模板内容全部为变量，审核人员无法判断短信用途。",
        ),
        Text(
            "Write out what stays the same in every message.",
            "请将每条短信中相同的部分写成固定文字。",
        ),
    ),
    "adjacent_variables": Advice(
        Text(
            "Two variables stand side by side with no text between them.",
            "两个变量相邻，中间没有文字。",
        ),
        Text(
            "Put a word or a punctuation mark between them, or make them one variable.",
            "请在两个变量之间加上文字或标点，或合并为一个变量。",
        ),
    ),
    "marketing_variable": Advice(
        Text(
            "A marketing text has a variable; several vendors approve fixed marketing texts only.",
            "营销模板含有变量，部分服务商只接受固定内容的营销短信。",
        ),
        Text(
            "Write the text out, or make one template for each variant.",
            "请改为固定内容；如有多种内容，请分别创建模板。",
        ),
    ),
    "otp_link": Advice(
        Text(
            "A verification code's text contains a link, which vendors do not allow.",
            "验证码模板含有链接，服务商不允许。",
        ),
        Text(
            "Remove the link.",
            "请删除链接。",
        ),
    ),
    "variable_link": Advice(
        Text(
            "A link is, or contains, a variable.",
            "链接中含有变量，或整个链接由变量传入。",
        ),
        Text(
            "Write the whole address into the text; vendors approve fixed addresses only.",
            "请将完整网址写在模板内容中，服务商只接受固定网址。",
        ),
    ),
    "short_link": Advice(
        Text(
            "The text contains a shortened link, whose destination a reviewer cannot see.",
            "模板内容含有短链接，审核人员无法看到实际网址。",
        ),
        Text(
            "Give the full address, on a domain of your own.",
            "请使用自有域名的完整网址。",
        ),
    ),
    "link": Advice(
        Text(
            "The text contains a link, which reviewers will open and check.",
            "模板内容含有链接，服务商会单独审核。",
        ),
        Text(
            "For mainland China the domain must have an ICP filing; without one, leave the link out.",
            "发往中国大陆时，域名须已完成 ICP 备案；未备案请删除链接。",
        ),
    ),
    "no_opt_out": Advice(
        Text(
            "A marketing text does not say how to opt out.",
            "营销模板没有写明退订方式。",
        ),
        Text(
            "End it with 拒收请回复R in mainland China, and with 'Reply STOP to opt out' abroad.",
            "请在末尾加上“拒收请回复R”；发往境外时，请写 Reply STOP to opt out。",
        ),
    ),
    "opt_out": Advice(
        Text(
            "A text that is not marketing offers to opt out, and will be taken for marketing.",
            "非营销模板写有退订方式，会被当作营销短信。",
        ),
        Text(
            "Remove the words about opting out, or make it a marketing template.",
            "请删除退订文字，或改为营销模板。",
        ),
    ),
    "otp_without_code": Advice(
        Text(
            "The text is for verification codes, but none of its variables looks like the code.",
            "验证码模板中没有可用作验证码的变量。",
        ),
        Text(
            "Add a variable such as {code}; for other texts choose the kind notification.",
            "请加入 {code} 之类的变量；如果不是验证码短信，请将类型改为通知。",
        ),
    ),
    "otp_variables": Advice(
        Text(
            "A verification code's text has more than one variable; some vendors allow only the code.",
            "验证码模板含有多个变量，部分服务商只允许验证码一个变量。",
        ),
        Text(
            "Write the rest out, such as how many minutes the code is valid.",
            "请将其余部分写成固定文字，例如有效分钟数。",
        ),
    ),
    "otp_wording": Advice(
        Text(
            "The text is for verification codes but does not call them so.",
            "验证码模板中没有出现“验证码”等字样。",
        ),
        Text(
            "Use 验证码, 注册码, 校验码 or 动态码 in mainland China, and the word 'code' abroad.",
            "请写明“验证码”“注册码”“校验码”或“动态码”；发往境外时，须含有 code 一词。",
        ),
    ),
    "contact": Advice(
        Text(
            "The text contains contact data that reviewers refuse: "
            "a mobile number, a QQ or WeChat account, an e-mail address.",
            "模板内容含有不允许的联系方式，例如手机号、QQ、微信或邮箱。",
        ),
        Text(
            "Remove it. Notifications may name a landline or service number; verification codes none at all.",
            "请删除。通知短信可以写固定电话或客服热线，验证码短信不能写任何联系方式。",
        ),
    ),
    "symbol": Advice(
        Text(
            "The text contains a symbol that vendors refuse because phones may show it garbled.",
            "模板内容含有特殊符号，手机上可能显示为乱码，服务商不予通过。",
        ),
        Text(
            "Replace it with words or plain punctuation, such as 元 for ¥.",
            "请改用文字或普通标点，例如用“元”代替 ¥。",
        ),
    ),
    "too_long": Advice(
        Text(
            "The message would exceed the 500 characters that vendors in mainland China allow, "
            "signature included.",
            "短信连同签名超过 500 字，超出国内服务商的上限。",
        ),
        Text(
            "Shorten the text or split it into several templates.",
            "请精简内容，或拆分为多个模板。",
        ),
    ),
    "too_many_parts": Advice(
        Text(
            "With its longest values a message exceeds 10 parts, and will be refused.",
            "变量取最大长度时，短信超过 10 条计费上限，会被拒绝发送。",
        ),
        Text(
            "Lower the variables' longest values or shorten the text; shorter values go through.",
            "请调低变量的最大长度或精简内容；较短的值不受影响。",
        ),
    ),
    "left_out": Advice(
        Text(
            "The binding does not pass this variable on, so the vendor's text will lack its value.",
            "绑定没有传递这个变量，服务商发出的短信不含它的值。",
        ),
        Text(
            "Name it among the parameters, unless the vendor's template has no place for it.",
            "请在参数中加上该变量；如果服务商的模板中没有对应位置，可以忽略。",
        ),
    ),
}
"""What we say for every rule, by its value."""
