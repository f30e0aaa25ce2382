"""The segment maps that come with the suite."""

from __future__ import annotations

from vitalfew.domain.segment_map import Segment, SegmentMap, segment_map

ELEVEN = {
    "Champions": "555 554 544 545 454 455 445",
    "Loyal": "543 444 435 355 354 345 344 335",
    "Potential Loyalist": "553 551 552 541 542 533 532 531 452 451 442 441 431 453 433 432 423 "
    "353 352 351 342 341 333 323",
    "New Customers": "512 511 422 421 412 411 311",
    "Promising": "525 524 523 522 521 515 514 513 425 424 413 414 415 315 314 313",
    "Need Attention": "535 534 443 434 343 334 325 324",
    "About To Sleep": "331 321 312 221 213 231 241 251",
    "At Risk": "255 254 245 244 253 252 243 242 235 234 225 224 153 152 145 143 142 135 134 133 125 124",
    "Cannot Lose Them": "155 154 144 214 215 115 114 113",
    "Hibernating": "332 322 233 232 223 222 132 123 122 212 211",
    "Lost": "111 112 121 131 141 151",
}

RF_GRID = {
    "Champions": "5[4-5]",
    "Loyal": "[3-4][4-5]",
    "Potential Loyalist": "[4-5][2-3]",
    "New Customers": "51",
    "Promising": "41",
    "Need Attention": "33",
    "About To Sleep": "3[1-2]",
    "At Risk": "[1-2][3-4]",
    "Cannot Lose Them": "[1-2]5",
    "Hibernating": "[1-2][1-2]",
}

THREE_BY_THREE = {
    "Best": "333",
    "Frequent": "33[1-2] 23[1-3]",
    "Big Spenders": "[2-3][1-2]3",
    "Promising": "32[1-2]",
    "New": "31[1-2]",
    "Cooling": "22[1-2]",
    "About To Sleep": "21[1-2]",
    "Win Back": "13[1-3] 1[1-2]3",
    "Lost": "1[1-2][1-2]",
}


def preset(cells: dict[str, str], bands: int) -> SegmentMap:
    return segment_map([Segment(name, text.split(), code_of(name)) for name, text in cells.items()], bands)


def code_of(name: str) -> str:
    """The code of what to do for a segment of a preset, among the messages `rfm_segments.action`."""
    return name.lower().replace(" ", "_")


PRESETS = {"eleven": preset(ELEVEN, 5), "rf_grid": preset(RF_GRID, 5), "three_by_three": preset(THREE_BY_THREE, 3)}
