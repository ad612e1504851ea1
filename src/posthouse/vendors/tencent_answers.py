"""What Tencent Cloud SMS says: its codes, its verdicts, and its news in the forms that it has for them."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from posthouse.core.ports.vendor import Money, Question, Told, Unreadable
from posthouse.core.verdict import Accepted, Fate, Reason, Receipt, Reply, Unknown, Verdict
from posthouse.vendors.adapter import MISREAD, Pulled, Response, again_s, refusal
from posthouse.vendors.china import carrier_reason, moment

Row = Mapping[str, Any]
"""One record of a list, as untrusted as all that comes from outside."""

# By what follows the dot of a code or else by what precedes it; a whole code comes first. `InternalError` is
# left out on purpose: its time-outs (`Timeout`, `SendAndRecvFail`, `ParseBackendResponseFail`) and whatever
# else went wrong behind the vendor's door do not say that nothing was sent.
_REASONS: Mapping[Reason, str] = {
    Reason.AUTH: "AuthFailure SigVerificationFail SigFieldMissing RequestTimeException SmsSdkAppIdVerifyFail"
    " AppidAndBizId",
    Reason.FORBIDDEN: "UnauthorizedOperation IpInBlacklist IpNotInWhitelist NotEnterpriseCertification",
    Reason.BALANCE: "InsufficientBalanceInSmsPackage ServiceSuspendDueToArrears",
    Reason.RATE_LIMITED: "RequestLimitExceeded GlobalSmsSendingRateLimit",
    Reason.QUOTA: "LimitExceeded",
    Reason.INVALID_NUMBER: "IncorrectPhoneNumber PhoneNumberParseFail EmptyPhoneNumberSet",
    # The last three mean a template of the other kind, since we never mix numbers of the mainland and others.
    Reason.TEMPLATE: "SignatureIncorrectOrUnapproved TemplateIncorrectOrUnapproved"
    " TemplateUnapprovedOrNotExist TemplateParamSetNotMatchApprovedTemplate TemplateIdNotExist"
    " SignIdNotExist MissingSignature MissingSignatureList MissingTemplateList QualificationIdNotApproved"
    " TemplateParameterFormatError TemplateParameterLengthLimit UnsupportedTemplateVariable"
    " ContainDomesticAndInternationalPhoneNumber ChineseMainlandTemplateToGlobalPhone"
    " GlobalTemplateToChineseMainlandPhone",
    Reason.CONTENT: "ContainSensitiveWord DirtyWordFound ProhibitedUseUrlInTemplateParameter"
    " ContentLengthLimit",
    Reason.BLOCKED: "PhoneNumberInBlacklist",
    Reason.UNROUTABLE: "AppCountryOrRegionInBlacklist UnsupportedOperation.UnsupportedRegion",
    Reason.INVALID_REQUEST: "InvalidParameter InvalidParameterValue MissingParameter UnknownParameter"
    " UnsupportedOperation UnsupportedRegion UnsupportedProtocol InvalidRequest InvalidAction NoSuchVersion"
    " RequestSizeLimitExceeded PhoneNumberCountLimit FailResolvePacket JsonParseFail RestApiInterfaceNotExist"
    " MarketingSendTimeConstraint",
    Reason.VENDOR_TEMPORARY: "ServiceUnavailable ResourceUnavailable ResourceInsufficient",
    Reason.UNKNOWN: "FailedOperation",
}
_CODES = {code: reason for reason, codes in _REASONS.items() for code in codes.split()}
_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")
_OK, _TOO_MANY = 200, 429


def said(response: Response) -> dict[str, Any] | Verdict:
    """The inside of an answer, or the refusal that it is; errors too come with HTTP 200."""
    if response.status == _TOO_MANY:
        return refusal(Reason.RATE_LIMITED, "429", after_s=again_s(response))
    inside = response.json()["Response"]
    if "Error" in inside:
        return _refused(inside["Error"]["Code"], inside["Error"].get("Message"))
    if response.status != _OK or not isinstance(inside, dict):
        raise Unreadable(f"HTTP {response.status} without the vendor's answer in it")
    return inside


def verdicts(numbers: Sequence[str], rows: Iterable[Row]) -> list[Verdict]:
    """One for each of the numbers, by the numbers in the rows."""
    told: dict[str, list[Row]] = {}
    for row in rows:
        with suppress(*MISREAD):  # one that is broken says nothing about the others
            told.setdefault(row["PhoneNumber"], []).append(row)
    found = [_verdict(told.get(each, ())) for each in numbers]
    serials = [each.reference for each in found if isinstance(each, Accepted)]
    if len(set(serials)) == len(serials):
        return found
    times, again = Counter(serials), Unknown("one serial number for several recipients")
    return [again if isinstance(each, Accepted) and times[each.reference] > 1 else each for each in found]


def _verdict(rows: Sequence[Row]) -> Verdict:
    if len(rows) != 1:
        return Unknown(f"{len(rows)} answers for this number")
    told = rows[0].get
    if told("Code") != "Ok":
        return _refused(told("Code"), told("Message"))
    serial, fee = told("SerialNo"), told("Fee")
    if not isinstance(serial, str) or not serial:
        return Unknown("taken without a serial number")
    return Accepted(serial, fee if type(fee) is int and fee > 0 else None)


def _refused(code: object, text: object) -> Verdict:
    code, text = (each if isinstance(each, str) else "" for each in (code, text))
    for step in (code, code.rpartition(".")[2], code.partition(".")[0]):
        if step in _CODES:
            return refusal(_CODES[step], code, text)
    return Unknown(f"the vendor's code is {code[:100]!r}")


def pushed(row: Row) -> Receipt | None:
    """A receipt of a callback (page 382/43547); None for a state that is not final."""
    told = {
        "reference": _text(row["sid"]),
        "recipient": number(row),
        "at": moment(row.get("user_receive_time")),
    }
    return _receipt(row["report_status"], row.get("errmsg"), **told)


def _kept(row: Row) -> Receipt | None:
    """A receipt as the queue has it, and answers to questions; its `Description` is the carrier's code."""
    context = row.get("SessionContext") or ""
    key = context if context.startswith("sms_") and "." in context else None  # else it is a call's
    told = {"reference": _text(row["SerialNo"]), "recipient": _text(row["PhoneNumber"]), "key": key}
    return _receipt(
        row["ReportStatus"], row.get("Description"), at=_moment(row.get("UserReceiveTime")), **told
    )


def _receipt(status: str, code: object, **told: Any) -> Receipt | None:
    code = str(code or "")[:100]
    if status == "SUCCESS":
        return Receipt(fate=Fate.DELIVERED, code=code, **told)
    if status == "FAIL":
        return Receipt(fate=Fate.UNDELIVERED, reason=carrier_reason(code), code=code, **told)
    return None


def reply(sender: str, text: object, at: object, extend: object) -> Reply:
    """A text from a handset, of a callback (page 382/43548) or from the queue."""
    if not _NUMBER.fullmatch(sender) or not isinstance(text, str):
        raise Unreadable("a reply without its sender's number or its text")
    # It has no id, and one text may come by callback and from the queue: it gets the same name from both.
    name = hashlib.sha256(f"{sender}\n{at}\n{text}".encode(errors="surrogatepass")).hexdigest()[:32]
    return Reply(name, sender, text, _moment(at), to=str(extend) if extend else None)


def queued(rows: Iterable[Row]) -> Pulled:
    """The records of a queue, which gives each once: what cannot be read must not take the others with it."""
    receipts, replies = list[Receipt](), list[Reply]()
    for row in rows:
        with suppress(*MISREAD):
            if "ReplyContent" in row:
                told = row["PhoneNumber"], row["ReplyContent"], row["ReplyTime"], row.get("ExtendCode")
                replies.append(reply(*told))
            elif receipt := _kept(row):
                receipts.append(receipt)
    return Pulled(receipts, replies)


def records(rows: Iterable[Row], question: Question) -> Iterator[Told]:
    """What the records of one number say about the attempt that is asked about."""
    ours = {question.key, question.call} - {""}
    for row in rows:
        with suppress(*MISREAD):
            serial, context = _text(row["SerialNo"]), row.get("SessionContext")
            if row["PhoneNumber"] == question.to and (serial == question.reference or context in ours):
                yield Told(Accepted(serial), _kept(row))


def rest(packages: Sequence[Row], date: str) -> Money | None:
    """What is left of the packages that count at `date`, that of the answer; None where none is told."""
    if not packages or not date:
        return None
    now_s = parsedate_to_datetime(date).timestamp()
    usable = [row for row in packages if row["PackageEffectiveTime"] <= now_s < row["PackageExpiredTime"]]
    return Money(str(sum(max(0, row["PackageAmount"] - row["CurrentUsage"]) for row in usable)), "messages")


def number(row: Row) -> str:
    """E.164; without a plus if the country is not told, and nothing if digits are hidden."""
    nation, mobile = str(row["nationcode"]).lstrip("+"), str(row["mobile"])
    if not digits(mobile):
        return ""
    return f"+{nation}{mobile}" if digits(nation) else mobile


def digits(text: str) -> bool:
    """Whether it is ASCII digits and nothing else."""
    return text.isascii() and text.isdecimal()


def _moment(seconds: object) -> int:
    return seconds * 1_000_000 if type(seconds) is int and 0 < seconds < 1 << 36 else 0


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable("an id that is no text")
    return value
