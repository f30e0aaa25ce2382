"""What the jobs found of what was planted in texts: words that rise, moods, and the source of a crisis."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from generator.decisions.texts import CRISIS_WORD
from generator.recovery import Tables, matched


def planted(truth: Tables, *what: str) -> DataFrame:
    return truth("themes").where(F.col("what").isin(*what)).select(F.col("value").alias("theme"))


def themes(result: Tables, truth: Tables) -> str:
    """Words of reviews that rise, and moods; phrases that hold a planted word are that word."""
    told = result("voice_themes").where("kind = 'review'")
    words = truth("themes").where("what in ('rising', 'dissatisfaction', 'satisfaction')")
    said = []
    for what, condition in (("rising", "is_rising"), *((mood, f"mood = '{mood}'") for mood in MOODS)):
        own = words.where(F.col("what") == what).select(F.col("value").alias("word"))
        found = told.where(condition).select("theme", F.explode(F.split("theme", " ")).alias("word"))
        part = found.join(own, on="word", how="left_semi").select("theme").distinct()
        named = found.join(part.withColumn("is_ours", F.lit(True)), on="theme", how="left")
        as_word = (
            named.where("is_ours is null")
            .select(F.col("theme").alias("word"))
            .unionByName(found.join(own, on="word", how="left_semi").select("word"))
        )
        said.append(f"{what}: {matched(as_word, own)}")
    return "; ".join(said)


MOODS = ("dissatisfaction", "satisfaction")


def crisis(result: Tables, truth: Tables) -> str:
    """What stands out in a burst of complaints: attributes with their values."""
    key = ["attribute", "value"]
    sought = truth("themes").where("what in ('code', 'region')").select(F.col("what").alias("attribute"), "value")
    told = result("voice_sources").where("subject = 'complaints'")
    named = told.where("attribute in ('code', 'region', 'channel')").select(*key)
    about = sorted({row["about"] for row in told.select("about").distinct().collect()})
    (product,) = [row["value"] for row in truth("themes").where("what = 'product'").collect()]
    words = told.where(f"attribute = 'theme' and value like '%{CRISIS_WORD}%'").count()
    return (
        f"{matched(named, sought)}; burst of the planted product {'found' if product in about else 'not found'}, "
        f"others {len([name for name in about if name != product])}; its word named {words} times"
    )
