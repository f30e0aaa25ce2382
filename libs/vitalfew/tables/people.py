"""Which columns name a person."""

from __future__ import annotations

CUSTOMER_IDS = ("customer_id", "person_id", "referrer_id", "influencer_id")
"""Columns that hold the id of a customer, or of a person made of several accounts."""
IDS = (*CUSTOMER_IDS, "subject_id")
"""The same, and the one that names a customer where `subject` is not a product."""
SOURCE_IDS = ("customer_id", "referrer_id")
"""Columns of source tables that name a customer."""
