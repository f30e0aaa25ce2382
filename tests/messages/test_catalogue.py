"""Messages have the same keys and the same values in all languages, and each is said somewhere."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from zipfile import ZipFile

import pytest

from vitalfew import suite
from vitalfew.config import strict_yaml
from vitalfew.errors import ConfigError
from vitalfew.messages.catalogue import catalogue, codes, needed
from vitalfew.messages.sentences import say, text
from vitalfew.messages.template import parse
from vitalfew.messages.words import ENGLISH, LANGUAGES, Words

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "libs" / "vitalfew"
WRITTEN = sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.j2")])
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in WRITTEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_keys_of_english(language: str) -> None:
    assert list(catalogue(language)) == list(catalogue("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_takes_the_same_values_in_every_language(language: str) -> None:
    for key, template in catalogue(language).items():
        english = catalogue("en")[key]
        assert {p.type for p in template.placeholders.values()} == {p.type for p in english.placeholders.values()}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_stands_twice(language: str) -> None:
    strict_yaml.load((files("vitalfew.messages") / f"{language}.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("key", catalogue("en"))
def test_a_message_is_said_somewhere(key: str) -> None:
    """By its whole key, or as one of a group that is looked up by its name."""
    group = key.rpartition(".")[0]
    looked_up = any(p.group == group for t in catalogue("en").values() for p in t.placeholders.values())
    assert f'"{key}"' in SOURCES or f'"{group}"' in SOURCES or f'"{group}.{{' in SOURCES or looked_up, key


def test_groups_that_are_looked_up_are_there() -> None:
    for template in catalogue("en").values():
        needed(template)


def test_codes_of_a_text_are_no_code_of_two_groups() -> None:
    for table in suite.TABLES.values():
        for name, groups in table.texts.items():
            found = codes(groups)
            assert len(found) == len(set(found)), f"{table.name}.{name}"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("{days}", "'' is not a type"),
        ("{days:number}", "'number' is not a type"),
        ("{Days:integer}", "not the name of a placeholder"),
        ("{days:integer.2}", "only decimal and percent have digits"),
        ("{days:decimal.9}", "from 0 to 6"),
        ("{days:count}", "count needs its plural forms"),
        ("{days:count:# days}", "1 plural forms; the language has 2"),
        ("{days:integer:x}", "no other type anything"),
        ("{days:integer", "a brace without its other half"),
        ("{days:integer} {days:date}", "days has two types"),
    ],
)
def test_a_placeholder_that_is_none_is_refused(words: str, why: str) -> None:
    with pytest.raises(ValueError, match=r"message a\.key: ") as refused:
        parse("a.key", words, 2)
    assert why in str(refused.value)


def test_a_value_that_no_placeholder_takes_is_refused() -> None:
    key = next(key for key, template in catalogue("en").items() if not needed(template))
    with pytest.raises(ValueError, match="has no placeholder nonsense"):
        text(key, ENGLISH, nonsense=1)
    with pytest.raises(ValueError, match=r"there is no message no\.such\.key"):
        say("no.such.key")


def test_an_unknown_language_or_currency_is_refused_with_a_hint() -> None:
    with pytest.raises(ConfigError, match="no language 'de'"):
        Words("de")
    with pytest.raises(ConfigError, match="'EURO' is not the ISO code of a currency"):
        Words("en", "EURO")


def test_messages_load_from_a_zip(tmp_path: Path) -> None:
    """As `spark-submit --py-files` gives them to us."""
    archive = tmp_path / "vitalfew.zip"
    listed = (ROOT / "scripts" / "package.sh").read_text(encoding="utf-8")
    assert '("*.py", "*.yml")' in listed
    with ZipFile(archive, "w") as zipped:
        for pattern in ("*.py", "*.yml"):
            for path in PACKAGE.rglob(pattern):
                zipped.write(path, path.relative_to(PACKAGE.parent))
    program = (
        f"import sys; sys.path.insert(0, {str(archive)!r})\n"
        "import vitalfew; assert '.zip' in vitalfew.__file__\n"
        "from vitalfew.messages.catalogue import catalogue\n"
        "print(len(catalogue('zh')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(len(catalogue("en"))), done.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_shows_a_channel_as_its_code(language: str) -> None:
    """A reader is shown "text message", not "sms"."""
    assert "{channel:text}" not in files("vitalfew.messages").joinpath(f"{language}.yml").read_text(encoding="utf-8")
