"""Entries about vendors' and carriers' refusals (`core.verdict.Reason`): what each means for the sender.

`retryable` here answers whether the sender may send the same message again later, once we have given up.
"""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text

REASONS: Mapping[str, Entry] = {
    "auth": Entry(
        title=Text("Vendor credentials refused", "通道密钥无效"),
        detail=Text(
            "The vendor refused the channel's credentials and did not look at the message.",
            "服务商未认可该通道的密钥，没有受理短信。",
        ),
        action=Text(
            "The message is not at fault. The operator must correct the channel's credentials; "
            "if the channel is your own, check the keys you gave.",
            "短信本身没有问题，请管理员更正通道密钥；如果是您的自有通道，请检查所填的密钥。",
        ),
    ),
    "forbidden": Entry(
        title=Text("Vendor account not permitted", "通道权限不足"),
        detail=Text(
            "The account at the vendor may not send this: the service or country is not enabled there, "
            "or our address is not on its allow-list.",
            "服务商账户无权发送，例如未开通相应业务或国家、地区，或服务器 IP 不在白名单中。",
        ),
        action=Text(
            "The operator must have it enabled at the vendor, or route the message over another channel.",
            "请管理员在服务商后台开通相应权限，或改走其他通道。",
        ),
    ),
    "balance": Entry(
        title=Text("Vendor account out of credit", "通道余额不足"),
        detail=Text(
            "The channel's account at the vendor has no money or package left; "
            "your balance here has no part in it.",
            "该通道在服务商处的余额或套餐包已用完，与您在本平台的余额无关。",
        ),
        action=Text(
            "The operator must top up the account at the vendor; then send again.",
            "请管理员为服务商账户充值，之后再重新发送。",
        ),
    ),
    "rate_limited": Entry(
        title=Text("Vendor asked us to slow down", "服务商限流"),
        detail=Text(
            "The vendor takes no more messages from this channel for the moment.",
            "服务商限制了该通道的发送速度，暂时不再接收。",
        ),
        action=Text(
            "Send again in a minute; "
            "if it keeps happening, the operator can lower the channel's rate or add another.",
            "请一分钟后重发；如果经常出现，请管理员调低通道速率或增加通道。",
        ),
        retryable=True,
    ),
    "quota": Entry(
        title=Text("Sending limit used up", "发送次数达到上限"),
        detail=Text(
            "The vendor or carrier limits how many messages a number, a template or an account gets "
            "in an hour or a day, and that limit is reached.",
            "服务商或运营商限制了单个号码、模板或账户每小时、每天的发送次数，现已达到上限。",
        ),
        action=Text(
            "Wait until the limit resets, usually the next hour or day; do not keep repeating to one number.",
            "请等限额恢复后再发，通常为下一小时或次日；避免向同一号码反复发送。",
        ),
        retryable=True,
    ),
    "invalid_number": Entry(
        title=Text("Number not in service", "号码无效"),
        detail=Text(
            "The vendor or carrier says that this number does not exist or is badly written.",
            "服务商或运营商认定该号码为空号，或格式不正确。",
        ),
        action=Text(
            "Check the number with its owner, and take it off your list if it is gone.",
            "请与机主核对号码；如果已是空号，请从名单中移除。",
        ),
    ),
    "invalid_sender": Entry(
        title=Text("Sender not accepted", "签名或发件标识未获认可"),
        detail=Text(
            "The signature, number or sender id is not registered with the vendor, or not approved.",
            "签名、号码或发件标识未在服务商处登记，或尚未通过审核。",
        ),
        action=Text(
            "Have it registered and approved, or send under one that is.",
            "请先完成签名报备并通过审核，或换用已通过审核的签名。",
        ),
    ),
    "template": Entry(
        title=Text("Template not accepted", "模板未获认可"),
        detail=Text(
            "The template is unknown to the vendor, not approved there, or does not fit its parameters.",
            "模板在服务商处不存在、未通过审核，或与传入的参数不符。",
        ),
        action=Text(
            "Check the template's binding and approval on this channel, and that every parameter is filled.",
            "请检查该通道上的模板绑定和审核状态，并确认参数齐全、格式正确。",
        ),
    ),
    "content": Entry(
        title=Text("Text not accepted", "短信内容被拦截"),
        detail=Text(
            "The vendor or carrier refused the text itself, because of a word or a link for instance.",
            "服务商或运营商拦截了短信内容，例如其中含有敏感词或链接。",
        ),
        action=Text(
            "Reword the text and leave out doubtful words and links; the same text will be refused again.",
            "请修改措辞，去掉敏感词和链接后再发；原样重发仍会被拦截。",
        ),
    ),
    "blocked": Entry(
        title=Text("Recipient blocked", "收件人已退订或被屏蔽"),
        detail=Text(
            "The recipient has opted out, or the number is on a block list of the vendor or carrier.",
            "收件人已退订，或号码在服务商、运营商的黑名单中。",
        ),
        action=Text(
            "Stop sending to this number until its owner asks for messages again.",
            "请停止向该号码发送，除非机主重新同意接收。",
        ),
    ),
    "invalid_request": Entry(
        title=Text("Vendor could not read the call", "服务商认为请求有误"),
        detail=Text(
            "The vendor found a mistake in the call we made for this message.",
            "服务商认为我们为该短信提交的参数有误。",
        ),
        action=Text(
            "Check template parameters and sender; if they are right, show the operator the message's trace.",
            "请检查模板参数和发件标识；如果没有问题，请将该短信的追踪记录提供给管理员。",
        ),
    ),
    "unroutable": Entry(
        title=Text("No route to this number", "号码不可达"),
        detail=Text(
            "No channel could carry this message: none serves the destination, or those that do are drained, "
            "excluded, or without an approved template.",
            "没有可以发送这条短信的通道：没有通道覆盖该国家、地区或运营商，或覆盖的通道正在排空、被排除、缺少审核通过的模板。",
        ),
        action=Text(
            "The message's trace says why each channel was left out; ask the operator for one that fits.",
            "短信的追踪记录写明了每条通道未被选用的原因；请联系管理员配置可用的通道。",
        ),
    ),
    "unreachable": Entry(
        title=Text("Phone not reachable", "手机无法接收"),
        detail=Text(
            "The phone was off, out of coverage or full for as long as the carrier tried.",
            "运营商投递期间，手机一直关机、不在服务区，或短信存储已满。",
        ),
        action=Text(
            "Send again later if it still matters, or reach the person in another way.",
            "如果仍有必要，请稍后重发，或通过其他方式联系收件人。",
        ),
        retryable=True,
    ),
    "expired": Entry(
        title=Text("Expired before delivery", "超过有效期未送达"),
        detail=Text(
            "The message's validity ended before it could be delivered.",
            "短信在有效期内未能送达。",
        ),
        action=Text(
            "Send a new message if the text still holds; a longer validity gives the carrier more time.",
            "如果内容仍然有效，请重新发送，并可适当延长有效期。",
        ),
        retryable=True,
    ),
    "vendor_temporary": Entry(
        title=Text("Trouble at the vendor", "服务商暂时故障"),
        detail=Text(
            "The vendor reported a passing fault of its own.",
            "服务商自身出现了暂时性故障。",
        ),
        action=Text(
            "Send again in a few minutes; with a second channel such messages find their way by themselves.",
            "请几分钟后重发；配置备用通道后，遇到此类故障会自动切换。",
        ),
        retryable=True,
    ),
    "unknown": Entry(
        title=Text("Reason not known", "原因不明"),
        detail=Text(
            "The vendor refused with a code we do not know, or gave no reason.",
            "服务商返回了我们尚未收录的错误码，或没有说明原因。",
        ),
        action=Text(
            "Read the vendor's own code and words in the message's trace, and tell the operator.",
            "请在短信的追踪记录中查看服务商的原始错误码，并反馈给管理员。",
        ),
    ),
}
"""What we say for every vendor reason, by the reason's value."""
