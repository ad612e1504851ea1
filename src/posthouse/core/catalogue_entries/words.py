"""Facts that are words of our own, as each language's reader should see them: fact → value → wording.

A value that is not here counts as not known, and the sentence does without it.
"""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Text

WORDS: Mapping[str, Mapping[str, Text]] = {
    "expected": {
        "string": Text("a string", "字符串"),
        "integer": Text("an integer", "整数"),
        "number": Text("a number", "数字"),
        "boolean": Text("true or false", "布尔值（true 或 false）"),
        "array": Text("a list", "数组"),
        "object": Text("an object", "对象"),
        "object or array": Text("an object", "对象"),  # an empty array is one in PHP
        "string or integer": Text(
            "a string or an integer; write other numbers as a string", "字符串或整数，小数请写成字符串"
        ),
    },
    "problem": {
        "empty": Text("it is empty", "内容为空"),
        "not_a_number": Text("it holds letters or other signs", "含有字母或其他符号"),
        "too_short": Text("it has too few digits", "位数不足"),
        "too_long": Text("it has too many digits", "位数过多"),
        "not_possible": Text("no number has this country code and length", "国家代码或位数不存在"),
        "unassigned": Text("no such number is assigned in its country", "该国家或地区没有分配这样的号码"),
    },
    "fault": {
        "brace": Text("a brace stands alone", "花括号没有成对出现"),
        "name": Text("this is no name for a variable", "变量名称不合规"),
        "many": Text("it has too many variables", "变量过多"),
        "foreign": Text("it is not written as this vendor writes templates", "不是该服务商的模板写法"),
        "brackets": Text("it holds 【 or 】, which only a signature may", "含有【】，只有签名可以使用"),
        "line_break": Text("it holds a line break", "含有换行"),
    },
    "resource": {
        "account": Text("account", "账户"),
        "batch": Text("batch", "批次"),
        "channel": Text("channel", "通道"),
        "code": Text("code or reason", "错误码或原因"),
        "event": Text("event", "事件"),
        "key": Text("key", "密钥"),
        "message": Text("message", "短信"),
        "route": Text("route", "路由"),
        "signature": Text("signature", "签名"),
        "suppression": Text("suppression", "退订记录"),
        "template": Text("template", "模板"),
        "verification": Text("verification", "验证请求"),
        "webhook": Text("webhook", " Webhook"),
    },
    "kind": {
        "amount": Text(
            "an amount in currency units with at most six decimals, as '100.00', "
            "and no more than an account may be credited",
            "以货币单位表示的金额，最多六位小数，例如 100.00，且不超过账户可充值的上限",
        ),
        "filled": Text("filled in; it is empty", "非空值"),
        "named": Text("an object whose names are not empty", "名称不为空的对象"),
        "country": Text("a country's two letters (ISO 3166), as CN", " ISO 3166 两位国家代码，例如 CN"),
        "name": Text(
            "one line of at most 100 characters without a slash", "不超过 100 个字符、不含斜杠的一行文字"
        ),
        "price": Text(
            "a price from 0 to 1000.00 with at most six decimals", " 0 到 1000.00 之间的价格，最多六位小数"
        ),
        "hours": Text("a time of the day, as 21:00-08:00", "一段时间，例如 21:00-08:00"),
        "kept": Text(
            "given a price and cannot be taken out: it holds for all countries without a line of their own",
            "一个价格，不能删除：没有单独定价的国家和地区都按它计费",
        ),
    },
    "mode": {
        "live": Text("live", "正式"),
        "test": Text("test", "测试"),
    },
    "role": {
        "operator": Text("operator", "管理员"),
        "account": Text("account", "账户"),
    },
    "state": {
        "scheduled": Text("scheduled", "已定时"),
        "queued": Text("queued", "排队中"),
        "sending": Text("sending", "发送中"),
        "unknown": Text("unknown", "结果待确认"),
        "sent": Text("sent", "已发送"),
        "delivered": Text("delivered", "已送达"),
        "undelivered": Text("undelivered", "未送达"),
        "expired": Text("expired", "已过期"),
        "failed": Text("failed", "发送失败"),
        "canceled": Text("canceled", "已取消"),
        "unconfirmed": Text("unconfirmed", "未收到回执"),
    },
    "window": {
        "minute": Text("minute", "分钟"),
        "hour": Text("hour", "小时"),
        "day": Text("day", "天"),
    },
    "status": {
        "pending": Text("pending", "审核中"),
        "rejected": Text("rejected", "未通过"),
    },
}
