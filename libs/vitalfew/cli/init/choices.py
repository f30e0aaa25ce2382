"""Where the files do not tell: a question on a terminal, an answer beforehand, or a refusal that names all readings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vitalfew.errors import ConfigError, hint
from vitalfew.visible_text import visible

Ask = Callable[[str, Mapping[str, str], str | None], str]
"""A question, its choices with what each means (none: any text), and the likely one; the answer."""


@dataclass
class Choices:
    """Answers that were given beforehand, how to ask for others (None: nobody is there), and what is left open."""

    given: Mapping[str, str]
    ask: Ask | None = None
    left_open: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def choose(self, key: str, question: str, choices: Mapping[str, str], likely: str | None = None) -> str:
        """One of `choices`; the likely one where nobody is asked, and a doubt that is left open where there is none."""
        self.used.add(key)
        if key in self.given:
            answer = self.given[key]
            if choices and answer not in choices:
                raise ConfigError(f"--answer {key}={answer}: {hint(answer, choices)}")
            return answer
        if self.ask is not None:
            return self.ask(question, choices, likely)
        if likely is not None:
            return likely
        told = [f"    --answer {key}={visible(choice)}    {meaning}" for choice, meaning in choices.items()]
        self.left_open.append("\n".join([f"  {question}", *(told or [f"    --answer {key}=…"])]))
        return next(iter(choices), "")

    def settle(self) -> None:
        """ConfigError with all that is open, or with answers to what nobody asks."""
        if self.left_open:
            told = "\n".join(self.left_open)
            raise ConfigError(f"The files do not tell, and nothing was written. Add one line of each:\n{told}")
        unknown = sorted(set(self.given) - self.used)
        if unknown:
            raise ConfigError(f"--answer {unknown[0]}=…: nothing of that name is asked; {hint(unknown[0], self.used)}")
