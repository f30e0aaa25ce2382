"""Secrets are a type: no dump, message or table holds one, however it came into the configuration."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from vitalfew import suite
from vitalfew.config import loading
from vitalfew.config.secret_values import redacted, without_parts
from vitalfew.errors import ConfigError

JOB = suite.JOBS["customer360"]
ODD = 'q"uo\\te/s é' + "x" * 9


def load(folder: Path, job: str = "", target: str = "", *settings: str) -> loading.Config:
    for name, text in {"jobs/customer360.yml": job, "targets/here.yml": f"root: /data\n{target}"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return loading.load(folder, "here", [JOB], settings)


def every_dump(loaded: loading.Config) -> str:
    params = loaded.params["customer360"]
    return "\n".join(
        map(
            str,
            (
                loaded,
                repr(loaded),
                loaded.target.model_dump(),
                loaded.target.model_dump_json(),
                params.model_dump(),
                params.model_dump_json(),
                repr(params),
                loaded.described("customer360"),
            ),
        )
    )


@pytest.mark.parametrize("value", [ODD, "a plain key of some length", "'single' \\n and \t tab", "e" * 16])
def test_a_key_of_the_environment_is_in_no_dump(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HASH_KEY", value)
    loaded = load(tmp_path, "hash_key: ${HASH_KEY}\n", 'spark: {spark.hadoop.fs.s3a.secret.key: "${HASH_KEY}"}')
    told = every_dump(loaded)
    assert value not in told
    assert json.dumps(value)[1:-1] not in told
    assert json.loads(loaded.described("customer360"))["hash_key"] == "${HASH_KEY}"


def test_a_key_that_is_written_into_a_file_or_a_setting_is_in_no_dump(tmp_path: Path) -> None:
    target = (
        "spark: {spark.hadoop.fs.s3a.secret.key: planted-in-yaml-2}\nengine: connect\nremote: sc://h;token=planted-3"
    )
    for loaded in (
        load(tmp_path, "hash_key: planted-in-yaml-1\n", target),
        load(tmp_path, "", target, "hash_key=planted-in-yaml-1"),
    ):
        assert "planted" not in every_dump(loaded)
        assert loaded.params["customer360"].model_dump()["hash_key"] == SecretStr("planted-in-yaml-1")
        said = loaded.redact("no: planted-in-yaml-1, planted-in-yaml-2, sc://h;token=planted-3")
        assert said == "no: [customer360.hash_key], [spark.spark.hadoop.fs.s3a.secret.key], sc://h;token=[remote]"


def test_what_the_environment_gives_to_any_setting_reads_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHO", 'c"1\\')
    monkeypatch.setenv("DAYS", "e")
    monkeypatch.setenv("HASH", "e5" * 32)
    loaded = load(
        tmp_path,
        'keep_apart: ["${WHO}", b, "${DAYS}"]\ncountry_code: "43"\nmost_accounts: 5\ndistrusted: ["${HASH}"]\n',
    )
    shown = json.loads(loaded.described("customer360"))
    assert (shown["keep_apart"], shown["distrusted"]) == (["${WHO}", "b", "${DAYS}"], ["${HASH}"])
    assert (shown["country_code"], shown["most_accounts"], shown["like_level"]) == ("43", 5, "subcategory")


def test_a_value_of_one_letter_does_not_tear_texts_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LETTER", "e")
    loaded = load(tmp_path, 'keep_apart: ["${LETTER}"]\n')
    assert loaded.redact("the tables are there") == "the tables are there"


@pytest.mark.parametrize("form", [ODD, json.dumps(ODD), json.dumps(ODD, ensure_ascii=False), repr(ODD)])
def test_a_secret_is_replaced_in_whatever_form_a_text_has_it(form: str) -> None:
    said = redacted(f"before {form} after", {"${KEY}": ODD})
    assert re.fullmatch(r"before [\"']?\$\{KEY\}[\"']? after", said)


def test_what_is_put_in_target_of_a_secret_is_not_replaced_again() -> None:
    assert redacted("abcdef KEYS", {"${KEYS}": "abcdef", "${B}": "KEYS"}) == "${KEYS} ${B}"


@pytest.mark.parametrize(
    ("job", "target", "setting"),
    [
        ("hash_key: [planted-key-0123456]\n", "", ""),
        ("hash_key: planted\n", "", ""),
        ("", "spark: {spark.password: [planted-key]}", ""),
        ("", "spark: [planted-key]", ""),
        ("", "remote: {token: planted-key}", ""),
        ("", "", "hash_key=[planted-key"),
        ("", "", "hash_kye.x=planted-key"),
        ("", "", "baskets.hash_key=planted-key"),
        ("", "", "planted-key"),
        ("", "tables: {rfm: s3a://planted:planted@bucket/x}\nroots: [s3a://planted-key:planted@bucket]", ""),
    ],
)
def test_no_message_about_a_mistake_tells_what_may_be_a_secret(
    tmp_path: Path, job: str, target: str, setting: str
) -> None:
    with pytest.raises(ConfigError) as error:
        load(tmp_path, job, target, *([setting] if setting else []))
    assert "planted" not in str(error.value)


def test_the_fingerprint_changes_with_a_secret(tmp_path: Path) -> None:
    def fingerprint(key: str) -> str:
        loaded = load(tmp_path, f"hash_key: {key}\n")
        return loading.fingerprint(JOB, loaded.params["customer360"], loaded.target)

    one, same, other = map(fingerprint, ("first key 01234567", "first key 01234567", "other key 01234567"))
    assert one == same != other


def test_a_guess_at_a_secret_costs_more_than_one_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, int]] = []

    def pretended(name: str, _text: bytes, _salt: bytes, rounds: int) -> bytes:
        calls.append((name, rounds))
        return b"digest"

    monkeypatch.setattr(loading, "pbkdf2_hmac", pretended)
    loaded = load(tmp_path, "hash_key: a key of nobody else\n")
    assert loading.fingerprint(JOB, loaded.params["customer360"], loaded.target) == b"digest".hex()
    assert calls == [("sha256", 100_000)]


@pytest.mark.parametrize(
    "target",
    [
        "tables: {rfm: '../${KEY}/x'}",
        "files: {order_lines: {at: in, columns: {order_id: a}, timestamp_formats: ['${KEY}']}}",
    ],
)
def test_no_part_of_a_secret_is_left_by_a_message_that_takes_it_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setenv("KEY", "wJalrXUtn/K7MDENGhh/bPxRfiCYEX folders")
    with pytest.raises(ConfigError) as refused:
        load(tmp_path, "", target)
    told = str(refused.value)
    assert "KEY" in told
    assert not re.search("wJalr|K7MDE|bPxRf", told, re.IGNORECASE), told


def test_a_message_keeps_the_words_that_a_value_of_the_environment_has_too() -> None:
    told = without_parts(
        "customers: /srv/Customers/data2 lies elsewhere", {"${DATA}": "/srv/Customers/data2/customers"}
    )
    assert told == "customers: /srv/Customers/data2 lies elsewhere"


@pytest.mark.parametrize("given", ["ann@planted.example", "+43 664 7654321", "E5" * 32, "e5" * 31])
def test_what_is_distrusted_is_named_by_its_hash_and_never_itself(tmp_path: Path, given: str) -> None:
    """The settings of a run are kept in runs, which is no place for a contact."""
    load(tmp_path, f"distrusted: [{'e5' * 32}]\n")
    with pytest.raises(ConfigError, match="distrusted holds what is no hash of 64 hexadecimal digits") as error:
        load(tmp_path, f"distrusted: ['{given}']\n")
    assert given not in str(error.value)
