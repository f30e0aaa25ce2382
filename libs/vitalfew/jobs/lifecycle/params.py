"""Which ladders there are, and when something is said of a customer whose milestone nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from vitalfew.domain.product_levels import Texts
from vitalfew.errors import hint
from vitalfew.params import Params
from vitalfew.white_space import trimmed

Month = Annotated[int, Field(ge=-120, le=600)]
ANY = "*"


class LifeStage(Params):
    """One stage of a ladder."""

    from_month: Month = Field(description="It begins this many months after the milestone; negative: before it.")
    to_month: Month = Field(description="It ends this many months after the milestone, where the next one begins.")
    needs: Texts = Field(default=(), description="What customers in it need: names of needs of the ladder.")


class Ladder(Params):
    """Stages along a milestone, and by which categories their needs are met."""

    milestone: str = Field(min_length=1, description="Kind of milestone, as in the table milestones.")
    starts_with: Texts = Field(
        default=(),
        description="The milestone is the last purchase of such a product, if that is later than the one in "
        "milestones: categories, as in needs. Empty: only the table milestones says when it was.",
    )
    exists_for: Literal["asked", "buyers"] = Field(
        default="asked",
        description="Who may have the milestone where nothing is recorded. asked: customers who buy what those buy who "
        "answered, and of whom least_existence have it; that needs customers who said that there is none. buyers: "
        "everybody who buys one of the needs; only right in a shop for nobody else, and an assumption of yours.",
    )
    needs: dict[str, Annotated[Texts, Field(min_length=1)]] = Field(
        description="By need, the categories that meet it: values of subcategory, category or department, in whatever "
        "case; * stands for any text."
    )
    stages: dict[str, LifeStage] = Field(min_length=1, description="By name, in the order of time, without gaps.")

    @property
    def first(self) -> int:
        """Its first month."""
        return next(iter(self.stages.values())).from_month

    @property
    def months(self) -> int:
        return [*self.stages.values()][-1].to_month - self.first

    @property
    def is_inferred(self) -> bool:
        """Whether a milestone that nobody has named is looked for."""
        return not self.starts_with

    def problems(self) -> Iterator[str]:
        """What is wrong with its stages and needs."""
        before: LifeStage | None = None
        if not trimmed(self.milestone):
            yield "milestone has no letter: name a kind of the table milestones"
        for name, stage in self.stages.items():
            if not trimmed(name):
                yield "a stage has no name"
            if stage.to_month <= stage.from_month:
                yield f"stage {name} ends in month {stage.to_month}, where it begins or before: to_month must be later"
            if before is not None and stage.from_month != before.to_month:
                found = "overlaps the stage before" if stage.from_month < before.to_month else "leaves a gap"
                yield f"stage {name} {found}: let it begin in month {before.to_month}, not {stage.from_month}"
            yield from (
                f"stage {name} needs {need!r}, which is not among the needs; {hint(need, [*self.needs])}"
                for need in stage.needs
                if need not in self.needs
            )
            if len({*stage.needs}) < len(stage.needs):
                yield f"stage {name} names a need twice"
            before = stage
        named = {"starts_with": self.starts_with, **{f"need {name}": texts for name, texts in self.needs.items()}}
        yield from (
            f"{name} has a category without a letter: name it, or take it out"
            for name, texts in named.items()
            if any(not trimmed(text.replace(ANY, "")) for text in texts)
        )
        if any(not trimmed(name) for name in self.needs):
            yield "a need has no name"


MOTHER_AND_BABY = Ladder(
    milestone="birth",
    needs={
        "maternity": ("maternity*", "pregnan*", "*孕妇*", "*孕产*"),
        "nursery": ("pram*", "stroller*", "crib*", "baby furniture*", "car seat*", "*婴儿床*", "*婴儿推车*"),
        "diapers": ("*diaper*", "nappies*", "*纸尿裤*", "*尿不湿*"),
        "baby_care": ("baby care*", "baby wipes*", "baby hbc*", "infant care*", "*婴儿洗护*", "*婴儿湿巾*"),
        "formula": ("infant formula*", "*婴儿奶粉*", "*婴幼儿奶粉*"),
        "baby_food": ("baby food*", "babyfood*", "*辅食*"),
        "baby_clothes": ("infant wear*", "baby cloth*", "*婴儿服*", "*婴幼儿服*"),
        "toys": ("baby toys*", "toys*", "*玩具*"),
        "books": ("children's books*", "picture books*", "*绘本*", "*童书*"),
        "school": ("school supplies*", "stationery*", "*文具*", "*书包*"),
    },
    stages={
        "pregnancy": LifeStage(from_month=-9, to_month=0, needs=("maternity", "nursery")),
        "newborn": LifeStage(from_month=0, to_month=6, needs=("diapers", "baby_care", "formula", "baby_clothes")),
        "infant": LifeStage(from_month=6, to_month=12, needs=("diapers", "baby_food", "formula", "toys")),
        "toddler": LifeStage(from_month=12, to_month=24, needs=("diapers", "baby_food", "toys", "baby_clothes")),
        "two_years_old": LifeStage(from_month=24, to_month=36, needs=("toys", "books")),
        "kindergarten": LifeStage(from_month=36, to_month=72, needs=("toys", "books")),
        "school_child": LifeStage(from_month=72, to_month=144, needs=("books", "school")),
    },
)
SMARTPHONE = Ladder(
    milestone="purchase",
    starts_with=("smartphone*", "mobile phone*", "*智能手机*"),
    needs={
        "protection": ("phone case*", "screen protector*", "*手机壳*", "*手机膜*"),
        "sound": ("headphone*", "earphone*", "earbud*", "*耳机*"),
        "power": ("charger*", "power bank*", "charging cable*", "*充电器*", "*充电宝*", "*数据线*"),
        "battery": ("phone batter*", "phone repair*", "*手机电池*", "*手机维修*"),
        "replacement": ("smartphone*", "mobile phone*", "*智能手机*"),
    },
    stages={
        "equipping": LifeStage(from_month=0, to_month=2, needs=("protection", "sound")),
        "in_use": LifeStage(from_month=2, to_month=18, needs=("power", "sound")),
        "ageing": LifeStage(from_month=18, to_month=30, needs=("battery", "power")),
        "replacing": LifeStage(from_month=30, to_month=60, needs=("replacement",)),
    },
)


class LifecycleParams(Params):
    """Ladders, and when something is said."""

    presentation: ClassVar[frozenset[str]] = frozenset({"revenue_days"})

    ladders: dict[str, Ladder] = Field(
        default={"mother_and_baby": MOTHER_AND_BABY, "smartphone": SMARTPHONE},
        description="By name, stages along a milestone. Empty: nothing is looked for.",
    )
    ahead_days: int = Field(
        default=60,
        ge=0,
        le=730,
        description="A stage that begins within this many days is announced; what was bought this long before a stage "
        "meets its needs.",
    )
    evidence_days: int = Field(
        default=1_095,
        ge=30,
        le=3_650,
        description="From purchases of this many days before as_of a milestone is inferred.",
    )
    min_known: int = Field(
        default=100,
        ge=20,
        le=100_000,
        description="Nothing is inferred where fewer customers with a purchase have a known milestone, one of a kind.",
    )
    least_existence: float = Field(
        default=0.8,
        ge=0.5,
        lt=1,
        description="A milestone is inferred where at least this share of those who bought as much of what the ladder "
        "needs, and who answered, have one: lower end of an interval of 95 % on one side.",
    )
    least_probability: float = Field(
        default=0.5, ge=0.1, lt=1, description="Nothing is said where the most probable stage has less than this."
    )
    least_information: float = Field(
        default=0.5,
        ge=0,
        le=10,
        description="Nothing is said where purchases narrow the months by fewer bits than this: the posterior is flat.",
    )
    significance: float = Field(
        default=0.05,
        gt=0,
        lt=0.5,
        description="Purchases are used where chance makes them beat the prior less often than this.",
    )
    max_categories: int = Field(
        default=500,
        ge=10,
        le=5_000,
        description="Categories with the most purchases that count by themselves; others count as their parent.",
    )
    revenue_days: int = Field(default=365, ge=1, le=3_650, description="Revenue of stages: of this many days.")

    @model_validator(mode="after")
    def hold_together(self) -> LifecycleParams:
        """Refuse ladders that contradict themselves, all at once."""
        problems = [
            f"ladder {name}: {problem}" for name, ladder in self.ladders.items() for problem in ladder.problems()
        ]
        if any(not trimmed(name) for name in self.ladders):
            problems.append("a ladder has no name")
        if problems:
            raise ValueError("; ".join(problems))
        return self
