"""Entries about the account, what it asked for, and the moment it asked."""

from collections.abc import Mapping

from posthouse.core.catalogue_entries.entry import Entry, Text
from posthouse.core.errors import Code

_NO_VERSION = Text(
    "The template '{template}' has no version {version}; the newest is {newest}.",
    "模板 {template} 没有版本 {version}，最新版本为 {newest}。",
)
_NONE_WAITS = Text(
    "Nothing of this {resource} waits for its time; only scheduled messages can be moved.",
    "该{resource}中没有等待定时发送的短信，只有定时短信才能改期。",
)
_DELETED_ID = Text(
    "The id '{deleted_id}' was that of a deleted {resource}, and is not used again.",
    "ID {deleted_id} 曾用于已删除的{resource}，不会再次使用。",
)
_CODE_OVER = Text(
    "This {resource} is {state}; only one that is pending can be canceled.",
    "该{resource}{state}，只有尚未完成的才能取消。",
)
_TAKEN = Text("The {resource} '{id}' already has this '{param}'.", "{resource} {id} 已使用该 {param}。")

SERVICE: Mapping[Code, Entry] = {
    Code.INSUFFICIENT_BALANCE: Entry(
        title=Text("Insufficient balance", "余额不足"),
        detail=Text(
            "The account's balance does not cover this request; nothing was sent or charged.",
            "账户余额不足以支付本次发送，短信未发送，也未扣费。",
        ),
        precise=(
            Text(
                "This costs {needed} and the account has {available} left; nothing was sent or charged.",
                "本次发送需要 {needed}，账户可用余额为 {available}；短信未发送，也未扣费。",
            ),
        ),
        facts={"needed": "the price, as 1.50", "available": "the balance that is not held, as 0.50"},
        action=Text("Top up the account, then send the request again.", "请充值后重新提交。"),
    ),
    Code.UNAUTHENTICATED: Entry(
        title=Text("Not authenticated", "身份验证失败"),
        detail=Text("The credentials are missing, wrong or revoked.", "没有提供密钥，或密钥错误、已被吊销。"),
        action=Text(
            "Send a valid key, on /v1 as 'Authorization: Bearer <key>'; if it is lost, have a new one made.",
            "请提供有效的密钥，/v1 使用请求头 Authorization: Bearer <密钥>；密钥遗失时请新建一个。",
        ),
    ),
    Code.FORBIDDEN: Entry(
        title=Text("Not permitted", "没有权限"),
        detail=Text("This key is not permitted to do that.", "该密钥无权执行此操作。"),
        precise=(
            Text(
                "This call needs the scope '{scope}', which this key lacks.",
                "该密钥缺少此操作所需的权限 {scope}。",
            ),
            Text("This call needs a key of the role '{role}'.", "此操作需要使用{role}密钥。"),
            Text("This needs a key of the mode '{mode}'.", "此操作需要使用{mode}密钥。"),
        ),
        facts={
            "scope": "the scope the call needs",
            "role": "the role the call needs: operator or account",
            "mode": "the mode the call needs: live or test",
        },
        action=Text(
            "Use a key that has the right, or ask the operator to grant it.",
            "请换用有权限的密钥，或联系管理员开通。",
        ),
    ),
    Code.ACCOUNT_NOT_VERIFIED: Entry(
        title=Text("Account not verified", "账户未认证"),
        detail=Text(
            "This account has not been verified yet and cannot send.", "账户尚未通过认证，不能发送短信。"
        ),
        precise=(
            Text(
                "This account cannot send: its verification is {status}.",
                "账户认证状态为“{status}”，不能发送短信。",
            ),
        ),
        facts={"status": "of the verification: pending or rejected"},
        action=Text("Ask the operator to complete the verification.", "请联系管理员完成认证。"),
    ),
    Code.LAST_OPERATOR_KEY: Entry(
        title=Text("Last operator key", "最后一个管理员密钥"),
        detail=Text(
            "This is the last live key of an operator; without it nobody could administer by API any more.",
            "这是最后一个可用的管理员正式密钥，吊销后将无法再通过接口管理系统。",
        ),
        action=Text(
            "Make another operator key first, then revoke this one.",
            "请先新建一个管理员密钥，再吊销此密钥。",
        ),
    ),
    Code.LOCAL_ONLY: Entry(
        title=Text("From this machine only", "仅限本机调用"),
        detail=Text(
            "Trial accounts are opened only for callers on the server's own machine, with no proxy between.",
            "试用账户只能在服务器本机直接开通，不能经过代理。",
        ),
        action=Text(
            "Call it on that machine under the host name localhost or 127.0.0.1, "
            "or ask the operator for a key.",
            "请在服务器本机用 localhost 或 127.0.0.1 调用，或联系管理员获取密钥。",
        ),
    ),
    Code.TRIALS_EXHAUSTED: Entry(
        title=Text("No more trial accounts", "试用账户已满"),
        detail=Text(
            "This installation has as many trial accounts as it may have.",
            "试用账户数量已达上限。",
        ),
        precise=(
            Text(
                "This installation may have {limit} trial accounts, and has them.",
                "试用账户最多 {limit} 个，现已全部开通。",
            ),
        ),
        facts={"limit": "trial accounts an installation may have"},
        action=Text(
            "Go on with the key of an earlier trial, or ask the operator for a key.",
            "请继续使用已有的试用密钥，或联系管理员获取密钥。",
        ),
    ),
    Code.NOT_FOUND: Entry(
        title=Text("Not found", "未找到"),
        detail=Text(
            "There is nothing here, or it does not belong to your account.",
            "请求的内容不存在，或不属于当前账户。",
        ),
        precise=(
            _NO_VERSION,
            Text("There is no {resource} called '{name}'.", "没有名为 {name} 的{resource}。"),
            Text("Your account has no {resource} with this id.", "当前账户下没有该{resource}。"),
        ),
        facts={
            "resource": "what was looked for: message, template, key …",
            "name": "its name, where it has one",
            "template": "the template's id, where a version of it was looked for",
            "version": "that version",
            "newest": "the newest one there is",
        },
        action=Text(
            "Check the id, name or path, and that the key belongs to the right account.",
            "请核对 ID、名称或请求路径，并确认所用密钥属于正确的账户。",
        ),
        instead={
            _NO_VERSION: Text(
                "Name a version there is, or none for the newest.",
                "请填写已有的版本号；不填写版本号时，使用最新版本。",
            )
        },
    ),
    Code.METHOD_NOT_ALLOWED: Entry(
        title=Text("Method not allowed", "请求方法不允许"),
        detail=Text("This address does not take that HTTP method.", "该地址不支持此 HTTP 方法。"),
        precise=(Text("This address takes {allowed} only.", "该地址只支持 {allowed} 方法。"),),
        facts={"allowed": "the methods there are, separated by commas"},
        action=Text(
            "Use a method the API reference lists for this address.",
            "请改用接口文档中为该地址列出的方法。",
        ),
    ),
    Code.NOT_CANCELABLE: Entry(
        title=Text("Too late to cancel", "无法取消"),
        detail=Text(
            "The message is handed over or finished; only scheduled and queued messages can be canceled.",
            "短信已提交发送或已经结束，只有等待发送的短信才能取消。",
        ),
        precise=(
            _CODE_OVER,
            Text(
                "The message's state is '{state}'; only scheduled and queued messages can be canceled.",
                "短信当前状态为“{state}”，只有等待发送的短信才能取消。",
            ),
        ),
        facts={
            "state": "the message's state, or the verification's",
            "resource": "what is not a message: verification",
        },
        action=Text(
            "Nothing can be stopped any more; look the message up by its id to see what became of it.",
            "短信已无法拦截，可凭短信 ID 查询其最终结果。",
        ),
        instead={
            _CODE_OVER: Text(
                "There is nothing left to stop: its code counts no more.",
                "无需处理：对应的验证码已不能再使用。",
            )
        },
    ),
    Code.NOT_RESCHEDULABLE: Entry(
        title=Text("Too late to reschedule", "无法改期"),
        detail=Text(
            "The message does not wait for its time; only scheduled messages can be moved.",
            "短信不在等待定时发送，只有定时短信才能改期。",
        ),
        precise=(
            Text(
                "The message's state is '{state}'; only scheduled messages can be moved.",
                "短信当前状态为“{state}”，只有定时短信才能改期。",
            ),
            _NONE_WAITS,
        ),
        facts={"state": "the message's state", "resource": "what holds none that could be moved: batch"},
        action=Text(
            "Look the message up by its id to see what became of it; for another time, send a new one.",
            "可凭短信 ID 查询其最终结果；如需在其他时间发送，请重新提交。",
        ),
        instead={
            _NONE_WAITS: Text(
                "Look it up to see what became of its messages; for another time, send them anew.",
                "可查询其中各条短信的最终结果；如需在其他时间发送，请重新提交。",
            )
        },
    ),
    Code.ALREADY_EXISTS: Entry(
        title=Text("Already exists", "已存在"),
        detail=Text("Something else already has this id or name.", "该 ID 或名称已被占用。"),
        precise=(
            _DELETED_ID,
            _TAKEN,
            Text("There is already a {resource} for this '{param}'.", "该 {param} 已有对应的{resource}。"),
            Text("Another {resource} already has this id or name.", "已有其他{resource}使用了该 ID 或名称。"),
        ),
        facts={
            "resource": "what was to be created: template, key …",
            "id": "the id of the one there is",
            "deleted_id": "the id, where one that was deleted had it",
        },
        action=Text(
            "Choose another id or name, or change the one that exists.",
            "请换一个 ID 或名称，或直接修改已有的内容。",
        ),
        instead={
            _DELETED_ID: Text("Choose another id.", "请换一个 ID。"),
            _TAKEN: Text("Choose another, or use the one that exists.", "请更换，或直接使用已有的内容。"),
        },
    ),
    Code.RATE_LIMITED: Entry(
        title=Text("Too many requests", "请求过于频繁"),
        detail=Text("Too many requests came in too short a time.", "短时间内的请求次数过多。"),
        precise=(
            Text(
                "The limit for '{param}' is reached; try again in {retry_after_s} s.",
                "字段 {param} 对应的发送频率已达上限，{retry_after_s} 秒后可重试。",
            ),
            Text("The limit for '{param}' is reached for now.", "字段 {param} 对应的发送频率已达上限。"),
            Text(
                "This key may make {limit} requests a second; try again in {retry_after_s} s.",
                "该密钥每秒最多请求 {limit} 次，{retry_after_s} 秒后可重试。",
            ),
            Text("This key may make {limit} requests a second.", "该密钥每秒最多请求 {limit} 次。"),
            Text(
                "Too many requests came in too short a time; try again in {retry_after_s} s.",
                "短时间内的请求次数过多，{retry_after_s} 秒后可重试。",
            ),
        ),
        facts={
            "limit": "requests a second this key may make",
            "retry_after_s": "when to try again, in seconds",
        },
        action=Text(
            "Wait as long as Retry-After says, then send the same request with the same idempotency key.",
            "请等待 Retry-After 指示的时间，再用相同的幂等键重试。",
        ),
        retryable=True,
    ),
    Code.OVERLOADED: Entry(
        title=Text("Overloaded", "系统繁忙"),
        detail=Text(
            "More requests are coming in than can be stored; nothing was sent.",
            "当前请求量超出了处理能力，本次请求未受理，短信未发送。",
        ),
        precise=(
            Text(
                "More requests are coming in than can be stored; nothing was sent. "
                "Try again in {retry_after_s} s.",
                "当前请求量超出了处理能力，本次请求未受理，短信未发送；{retry_after_s} 秒后可重试。",
            ),
        ),
        facts={"retry_after_s": "when to try again, in seconds"},
        action=Text(
            "Wait a moment and send it again; spread bursts out, or put many messages into one batch.",
            "请稍候重试；突发量较大时，请错开时间或改用批量发送。",
        ),
        retryable=True,
    ),
    Code.UNAVAILABLE: Entry(
        title=Text("Temporarily unavailable", "服务暂不可用"),
        detail=Text(
            "We could not confirm that the request was stored: it may have been accepted or not.",
            "无法确认本次请求是否已保存，短信可能已受理，也可能没有。",
        ),
        action=Text(
            "Send it again with the same idempotency key, and nothing is sent twice; "
            "if it had none, look the message up before you decide.",
            "请用相同的幂等键重试，不会重复发送；如果未使用幂等键，请先查询发送记录，再决定是否重发。",
        ),
        retryable=True,
    ),
    Code.INTERNAL: Entry(
        title=Text("Internal error", "服务器内部错误"),
        detail=Text("Something went wrong on our side.", "服务器内部出现错误。"),
        action=Text(
            "Send it again with the same idempotency key; if that fails, tell the operator the request id.",
            "请用相同的幂等键重试；如果仍然出错，请将请求 ID 提供给管理员。",
        ),
        retryable=True,
    ),
}
