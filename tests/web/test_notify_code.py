"""`POST /notify/code`: random codes of the length and type that are asked for."""

import itertools
from collections import Counter

import pytest

from posthouse.storage.engine.sqlite import SQLite, connect
from posthouse.web.dialects.notify.code import ALPHABETS, random_code
from tests.web.house import House
from tests.web.notify import CODE, Notify, said
from tests.web.office import Office

TYPES = ("number", "letter", "mixed")


@pytest.fixture
def notify(house: House) -> Notify:
    return Notify(house)


async def test_without_a_word_a_code_has_six_digits(notify):
    answer = await notify.post(CODE, {})
    code = answer.json()["code"]
    assert (answer.status, list(answer.json())) == (200, ["code"])
    assert (len(code), code.isascii(), code.isdigit()) == (6, True, True)


async def test_a_code_has_the_length_and_the_characters_of_its_type(notify):
    for type_, length in itertools.product(TYPES, range(4, 11)):
        code = (await notify.post(CODE, {"length": length, "type": type_})).json()["code"]
        assert len(code) == length, type_
        assert set(code) <= set(ALPHABETS[type_]), type_


def test_the_types_are_what_their_names_say():
    assert ALPHABETS["number"] == "0123456789"
    assert ALPHABETS["letter"] == "ABCDEFGHJKLMNPQRSTUVWXYZ"
    assert set(ALPHABETS["mixed"]) == set("23456789") | set(ALPHABETS["letter"])


def test_a_mixed_code_has_digits_and_letters():
    for _ in range(2_000):
        code = random_code(4, "mixed")
        assert not code.isdigit()
        assert not code.isalpha()


@pytest.mark.parametrize("type_", TYPES)
def test_every_character_is_as_likely_as_any_other_wherever_it_stands(type_):
    codes = [random_code(4, type_) for _ in range(6_000)]
    alphabet = ALPHABETS[type_]
    for place in range(4):
        counts = Counter(code[place] for code in codes)
        assert set(counts) == set(alphabet)
        if type_ != "mixed":  # where digits are as good as any, all are alike
            expected = len(codes) / len(alphabet)
            squares = sum((counts[each] - expected) ** 2 / expected for each in alphabet)
            # Chi-squared with n-1 degrees of freedom; six deviations above its mean are one in many millions.
            freedom = len(alphabet) - 1
            assert squares < freedom + 6 * (2 * freedom) ** 0.5 + 20


def test_codes_begin_with_zero_as_often_as_with_any_digit():
    assert any(random_code(6, "number").startswith("0") for _ in range(500))


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"length": 3}, "字段 length 应在 4 到 10 之间"),
        ({"length": 11}, "字段 length 应在 4 到 10 之间"),
        ({"length": 10**30}, "字段 length "),
        ({"length": "6"}, "字段 length 应为整数"),
        ({"length": 6.5}, "字段 length 应为整数"),
        ({"length": True}, "字段 length 应为整数"),
        ({"length": None}, "字段 length 应为整数"),
        ({"type": "digits"}, "字段 type 只能取以下值：number, letter, mixed"),
        ({"type": "Number"}, "字段 type 只能取以下值：number, letter, mixed"),
        ({"type": 1}, "字段 type "),
        ({"size": 6}, "该接口没有定义字段 size"),
    ],
)
async def test_what_will_not_do_is_named(notify, request_, sentence):
    status, told = said(await notify.post(CODE, request_))
    assert (status, told[: len(sentence)]) == (400, sentence)


# --------------------------------------------------------------------------------------------- repetitions


async def caller(office: Office, name: str = "acme"):
    """A caller with a key of this account."""
    issued = await office.administer.create_key(name)
    credential = issued.credential
    client = office.client()
    headers = {"authorization": "", "x-api-key": credential.api_key, "x-api-secret": credential.api_secret}

    async def draw(key: str | None = "k", **request: object):
        more = {} if key is None else {"idempotency_key": key}
        return await client.post(CODE, {"length": 10, **request, **more}, headers=headers)

    return draw


async def test_under_one_key_there_is_one_code(office):
    draw = await caller(office)
    first, again = await draw(), await draw()
    assert again.body == first.body
    assert (first.headers.get("idempotent-replayed"), again.headers["idempotent-replayed"]) == (None, "true")


async def test_without_a_key_each_code_is_new(office):
    draw = await caller(office)
    assert (await draw(None)).body != (await draw(None)).body


async def test_another_key_or_another_account_has_another_code(office):
    draw, other = await caller(office), await caller(office, "other")
    first = await draw()
    assert (await draw("l")).body != first.body != (await other()).body


async def test_a_key_of_another_request_is_refused(office):
    draw = await caller(office)
    await draw()
    assert said(await draw(length=9))[0] == 400


async def test_a_kept_code_is_sealed_and_never_logged(office, tmp_path, capsys):
    draw = await caller(office)
    code = (await draw()).json()["code"]
    connection = connect(str(tmp_path / SQLite.file))
    [(kept,)] = connection.execute("SELECT reply FROM idempotency WHERE operation = 'notify.code'").fetchall()
    connection.close()
    assert code.encode() not in bytes(kept)
    printed = capsys.readouterr()
    assert code not in printed.out + printed.err
