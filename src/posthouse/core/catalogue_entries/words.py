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
        "brace": Text("a brace has no counterpart", "花括号没有成对出现"),
        "name": Text("this is not a valid variable name", "变量名不符合要求"),
        "many": Text("it has too many variables", "变量过多"),
        "foreign": Text("it is not written as this vendor writes templates", "不符合该服务商的模板写法"),
        "brackets": Text(
            "it contains 【 or 】, which are reserved for signatures", "含有【】，该符号仅用于签名"
        ),
        "line_break": Text("it contains a line break", "含有换行符"),
        "bracketed": Text("it contains 【 or 】, which we add ourselves", "含有【】，系统会自动添加"),
        "blank_ends": Text("it begins or ends with a blank", "首尾有空格"),
        "invisible": Text("it contains a character that cannot be seen", "含有不可见的字符"),
    },
    "notation": {
        "aliyun": Text("Alibaba Cloud", "阿里云"),
        "tencent": Text("Tencent Cloud", "腾讯云"),
        "huawei": Text("Huawei Cloud", "华为云"),
        "twilio": Text("Twilio", " Twilio "),
    },
    "resource": {
        "account": Text("account", "账户"),
        "approval": Text("approval", "审核记录"),
        "batch": Text("batch", "批次"),
        "binding": Text("binding", "绑定"),
        "channel": Text("channel", "通道"),
        "code": Text("code or reason", "错误码或原因"),
        "entry": Text("entry", "名单条目"),
        "event": Text("event", "事件"),
        "inbound": Text("inbound text", "上行短信"),
        "key": Text("key", "密钥"),
        "message": Text("message", "短信"),
        "route": Text("route", "路由"),
        "signature": Text("signature", "签名"),
        "suppression": Text("suppression", "退订记录"),
        "test_number": Text("test number", "测试号码"),
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
        "id": Text(
            "1 to 64 visible characters without a slash, without spaces at its ends, and no word of a path",
            " 1 到 64 个可见字符，不含斜杠，首尾没有空格，且不是路径中的保留字",
        ),
        "line": Text("one line of visible characters", "一行可见的文字"),
        "plain": Text(
            "1 to 100 letters, digits, dots, underscores and hyphens, the first a letter or a digit",
            " 1 到 100 个字母、数字、点、下划线或连字符，并以字母或数字开头",
        ),
        "channel_name": Text(
            "another name: this one is that of another vendor", "其他名称，不能与别的服务商同名"
        ),
        "network": Text(
            "a list of addresses or networks, as 203.0.113.0/24", " IP 地址或网段的列表，例如 203.0.113.0/24"
        ),
        "price": Text(
            "a price from 0 to 1000.00 with at most six decimals", " 0 到 1000.00 之间的价格，最多六位小数"
        ),
        "either": Text("left out where 'domain' is given", "在给出 domain 时不填"),
        "domain": Text("a domain name in lower case, as example.com", "小写的域名，例如 example.com"),
        "app_hash": Text("the 11 characters of the app's hash", "应用的 11 位哈希串"),
        "retriever": Text(
            "left out: with it the text would be longer than the 140 bytes that Android reads",
            "不填：加上它后短信会超过 Android 可读取的 140 字节",
        ),
        "code": Text("4 to 10 digits", " 4 到 10 位数字"),
        "prefix": Text(
            "the beginning of numbers with its country code, as +23767", "带国家代码的号码前缀，例如 +23767"
        ),
        "ip": Text("an IPv4 or IPv6 address", " IPv4 或 IPv6 地址"),
        "live_code": Text("6 to 10 digits with a live key", "使用正式密钥时为 6 到 10 位数字"),
        "hours": Text(
            "a time span with different ends, as 21:00-08:00",
            "一天中的一段时间，例如 21:00-08:00，起止不能相同",
        ),
        "names": Text(
            "one name for each place of the text that only has a number",
            "与文中编号变量一一对应的名称",
        ),
        "variable": Text(
            "a variable's name: at most 40 letters, digits and underscores",
            "变量名：由文字、数字和下划线组成，最多 40 个字符",
        ),
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
        "verified": Text("verified", "已验证"),
        "locked": Text("locked", "已锁定"),
    },
    "window": {
        "minute": Text("a minute", "分钟"),
        "hour": Text("an hour", "小时"),
        "day": Text("a day", "天"),
    },
    "status": {
        "pending": Text("pending", "审核中"),
        "rejected": Text("rejected", "未通过"),
    },
}
