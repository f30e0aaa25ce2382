"""What customers talk about, and where a burst comes from."""

from __future__ import annotations

from vitalfew.messages.declared import text_columns
from vitalfew.tables.result import SHARE, result

DISSATISFACTION, SATISFACTION, NEITHER, NO_RATINGS = MOODS = (
    "dissatisfaction",
    "satisfaction",
    "neither",
    "no_ratings",
)
BURSTS = ("complaints", "returns", "bad_ratings")
RISING = "rising_theme"
ATTRIBUTES = ("product", "code", "channel", "region", "theme")
REASONS = ("reported", "no_texts", "too_few")

VOICE_THEMES = result(
    "voice_themes",
    "one theme of one kind of texts",
    ("kind", "theme"),
    {
        "kind": "string not null comment 'Kind of events: review, complaint, support …'",
        "theme": "string not null comment 'A word or a phrase, in lower case.'",
        "texts": "bigint not null comment 'Texts with it in the window; what one customer writes of one kind in one week counts once.'",
        "people": "bigint not null comment 'Different customers who said it, never fewer than min_people; all unknown ones are one.'",
        "recent_texts": "bigint not null comment 'Of texts, those of the last recent_weeks.'",
        "per_million": "double comment 'Recent texts with it, of a million recent texts of the kind; NULL where there are none.'",
        "per_million_before": "double comment 'The same of the weeks before.'",
        "per_million_year_ago": "double comment 'The same of the same weeks a year before, whether in the window or not; NULL where these have no texts.'",
        "dispersion": "double comment 'How many times as much the weeks before, or spans of recent_weeks of them, may vary as by chance (upper 95 % bound of the variance, by that of a Poisson count), at least 1; NULL where there are too few weeks.'",
        "p_value": "double comment 'That as many recent texts are chance, at the rate before: exact comparison of two Poisson rates, counts divided by dispersion. NULL: too few weeks, or too few recent texts.'",
        "q_value": "double comment 'p_value after Benjamini-Hochberg over all that were tested.'",
        "is_rising": "boolean not null comment 'q_value is at most significance, and the rate at least rising_factor times that before, and that of a year before where this has rising_texts texts.'",
        "bad_texts": "bigint not null comment 'Of all kinds: customers with a text with it whose rating is bad; unknown ones each time.'",
        "good_texts": "bigint not null comment 'Of all kinds: customers with a text with it whose rating is not bad; unknown ones each time.'",
        "log_odds": "double comment 'By how much its odds among bad ratings are above those among others, in logarithms, drawn to all texts by the prior; NULL without enough rated texts.'",
        "z": "double comment 'log_odds by its standard error.'",
        "mood": "string not null comment 'dissatisfaction or satisfaction: beyond chance over all themes; neither; no_ratings: too few rated texts to tell.'",
        **text_columns("finding", "What that means, and what to do next."),
    },
    (
        "recent_texts <= texts",
        "people > 1",
        "(mood = 'no_ratings') = (z is null)",
        f"q_value is null or q_value {SHARE}",
        "not is_rising or q_value is not null",
    ),
    values={"mood": MOODS},
    texts={"finding": ("voice.theme",)},
)

VOICE_SOURCES = result(
    "voice_sources",
    "one thing that stands out in a burst or in a rising theme",
    ("subject", "about", "subject_kind", "level", "attribute", "value"),
    {
        "subject": "string not null comment 'complaints, returns, bad_ratings: a burst of alerts; rising_theme: a theme that rises.'",
        "about": "string not null comment 'The product of the burst, or the theme.'",
        "subject_kind": "string not null comment 'Of a rising theme the kind of texts; empty of a burst.'",
        "level": "int not null comment '0: all cases have it in common, and others do not; 1: it stands out; 2: it stands out among the cases of within_value.'",
        "rank": "int not null comment 'From 1, within the level: by share less expected_share; the best of each attribute comes first.'",
        "attribute": "string not null comment 'product; code: a word with digits, such as the number of a batch; channel; region: of the customer; theme.'",
        "value": "string not null comment 'Which.'",
        "within_attribute": "string comment 'Of level 2: among which cases.'",
        "within_value": "string comment 'Of level 2: among which cases.'",
        "cases": "bigint not null comment 'Of the burst or the theme (of level 2: with within_value), a customer once.'",
        "cases_with": "bigint not null comment 'Of these, those with the value.'",
        "people": "bigint not null comment 'Different customers among cases_with, never fewer than min_people; all unknown ones are one.'",
        "share": "double not null comment 'cases_with / cases.'",
        "expected_share": "double not null comment 'The same elsewhere: of a burst in the same signal of other products and of the weeks before, without other bursts; of a theme in other recent texts of its kind. Of level 2: in those of them with within_value, where these are 20 at least.'",
        "p_value": "double not null comment 'That as many are chance: Fisher, exact, one-sided.'",
        "q_value": "double not null comment 'p_value after Benjamini-Hochberg over all values that min_people have in these or other cases, of all subjects, on this level (0 and 1 are one).'",
        **text_columns("finding", "What that means, and what to do next."),
    },
    (
        "cases_with <= cases",
        "people > 1 and people <= cases_with",
        f"share {SHARE} and expected_share {SHARE}",
        "share > expected_share",
        "(level = 2) = (within_value is not null)",
        "level <> 0 or cases_with = cases",
    ),
    values={"subject": (*BURSTS, RISING), "attribute": ATTRIBUTES},
    texts={"finding": ("voice.source",)},
)

VOICE_TOTALS = result(
    "voice_totals",
    "all texts",
    (),
    {
        "texts": "bigint not null comment 'Texts in the window; what one customer writes of one kind in one week counts once.'",
        "recent_texts": "bigint not null comment 'Of these, those of the last recent_weeks.'",
        "weeks_before": "int not null comment 'Weeks with texts before these.'",
        "bad_texts": "bigint not null comment 'Customers with a text whose rating is bad; unknown ones each time.'",
        "good_texts": "bigint not null comment 'Customers with a text whose rating is not bad; unknown ones each time.'",
        "learnt_words": "bigint not null comment 'Words that were learnt for scripts without blanks.'",
        "learnt_phrases": "bigint not null comment 'Phrases that were learnt.'",
        "themes": "bigint not null comment 'Rows of voice_themes.'",
        "rising": "bigint not null comment 'Of these, that rise.'",
        "bursts": "bigint not null comment 'Open bursts of alerts whose source was looked for.'",
        "reason": "string not null comment 'reported; no_texts: events have no text of text_kinds before as_of in the window; too_few: no theme was said by min_people customers.'",
    },
    ("recent_texts <= texts", "rising <= themes", "(reason = 'reported') = (themes > 0)"),
    values={"reason": REASONS},
)
