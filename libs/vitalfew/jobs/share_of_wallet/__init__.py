"""The job share_of_wallet."""
